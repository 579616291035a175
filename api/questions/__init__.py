"""Questions of exams: what admins write, and never what students see."""
