await Console.Error.WriteLineAsync("bench: no benchmark is built in yet.");
return 1;
