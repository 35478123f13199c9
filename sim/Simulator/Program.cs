using Elasticity.Simulator;

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
{
    Console.Error.WriteLine($"{e.Message} See --help.");
    return 2;
}

return Campaign.Go(line, Console.Out);
