-- What is taken out of the house as a file. Every file bears a number of its own, given before it is made; audit_log says under that number who
-- took out what, with the file's hash (action 'export'). A number whose file was never made is a gap, and no file lacks its row.
create sequence export_numbers;
grant usage on sequence export_numbers to mashangdu_staff;
