DROP TABLE face_templates;
