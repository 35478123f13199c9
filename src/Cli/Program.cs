await Console.Error.WriteLineAsync("elasticity: no command is built in yet.");
return 1;
