#:property PublishAot=false
// One way in: `dotnet run build.cs -- check`.
using System.Diagnostics;

const string Solution = "Elasticity.Core.slnf";

string target = args.Length > 0 ? args[0] : "help";
string[] rest = args.Length > 1 ? args[1..] : [];
return target switch
{
    "check" => Run("dotnet", "build", Solution, "-c", "Release"),
    "test" => Run("dotnet", ["test", Solution, "-c", "Release", .. rest]),
    "bench" => Run("dotnet", ["run", "-c", "Release", "--project", "bench/Benchmarks", "--", .. rest]),
    "sim" => Run("dotnet", ["run", "-c", "Release", "--project", "sim/Simulator", "--", .. rest]),
    "faults" => Run("dotnet", ["run", "-c", "Release", "--project", "sim/Saboteur", "--", .. rest]),
    "help" => Help(0),
    _ => Help(2),
};

static int Help(int exitCode)
{
    Console.WriteLine("""
        dotnet run build.cs -- check           builds everything, warnings are errors
        dotnet run build.cs -- test [...]      runs every test; the rest goes to `dotnet test`
        dotnet run build.cs -- bench [...]     runs the benchmarks; the rest goes to them
        dotnet run build.cs -- sim [...]       tries to lose a task: fresh seeds, --seeds N, --seed S
        dotnet run build.cs -- faults [...]    breaks the code on purpose and sees whether the simulator finds it
        """);
    return exitCode;
}

static int Run(string file, params string[] arguments)
{
    using Process process = Process.Start(file, arguments);
    process.WaitForExit();
    return process.ExitCode;
}
