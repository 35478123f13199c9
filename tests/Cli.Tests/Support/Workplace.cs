using System.Diagnostics;
using System.Text;
using Xunit;

namespace Elasticity.Cli.Tests.Support;

/// <summary>An empty directory in which the built program is started.</summary>
internal sealed class Workplace : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public Workplace() => Path = Directory.CreateTempSubdirectory("elasticity-cli-").FullName;

    /// <summary>The current directory of the program.</summary>
    public string Path { get; }

    /// <summary>The program as it was built with the tests.</summary>
    public static string Program { get; } = System.IO.Path.Combine(
        AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "elasticity.exe" : "elasticity");

    /// <summary>A path in the directory.</summary>
    public string Of(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Runs the program to its end.</summary>
    public async Task<Outcome> RunAsync(string input, params string[] arguments) =>
        await RunAsync(Encoding.UTF8.GetBytes(input), arguments);

    /// <summary>Runs the program to its end.</summary>
    public async Task<Outcome> RunAsync(byte[] input, params string[] arguments)
    {
        using Running running = Start(arguments);
        return await running.EndAsync(input);
    }

    /// <summary>Starts the program.</summary>
    public Running Start(params string[] arguments) => new(StartInfo(Program, arguments), Limit);

    /// <summary>Runs another program to its end.</summary>
    public async Task<Outcome> RunOtherAsync(string program, string input, params string[] arguments)
    {
        using Running running = new(StartInfo(program, arguments), Limit);
        return await running.EndAsync(Encoding.UTF8.GetBytes(input));
    }

    /// <summary>The lines of a file in the directory; none when there is no such file.</summary>
    public string[] Lines(string name) => File.Exists(Of(name)) ? File.ReadAllLines(Of(name)) : [];

    /// <summary>A results file in the directory.</summary>
    public ResultLine[] Results(string name = "out.jsonl") => [.. Lines(name).Select(ResultLine.Read)];

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A command that was just ended may still be writing; it is a temporary directory.
        }
    }

    private ProcessStartInfo StartInfo(string program, string[] arguments) => new(program, arguments)
    {
        WorkingDirectory = Path,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}

/// <summary>A program that runs.</summary>
internal sealed class Running : IDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _limit;
    private readonly Task<string> _output;
    private readonly StringBuilder _error = new();
    private readonly Task _errorRead;

    public Running(ProcessStartInfo start, TimeSpan limit)
    {
        _process = Process.Start(start)!;
        _limit = limit;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errorRead = ReadErrorAsync();
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>What it has said on standard error.</summary>
    public string ErrorSoFar
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    /// <summary>Gives it its standard input, to the end.</summary>
    public async Task FeedAsync(byte[] input)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it.
        }
    }

    /// <summary>Gives it its standard input and waits for its end.</summary>
    public async Task<Outcome> EndAsync(byte[] input)
    {
        await FeedAsync(input);
        return await EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<Outcome> EndAsync()
    {
        using CancellationTokenSource limit = new(_limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"It did not end. {await _output}{ErrorSoFar}");
        }

        await _errorRead;
        return new Outcome(_process.ExitCode, await _output, ErrorSoFar);
    }

    /// <summary><c>kill -9</c>.</summary>
    public void KillDead() => _process.Kill();

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ReadErrorAsync()
    {
        char[] buffer = new char[1_024];
        while (await _process.StandardError.ReadAsync(buffer) is > 0 and int length)
        {
            lock (_error)
            {
                _error.Append(buffer, 0, length);
            }
        }
    }
}

/// <summary>How a program ended.</summary>
internal sealed record Outcome(int Exit, string Output, string Error)
{
    /// <summary>Checks the exit code; what was said helps when it is another.</summary>
    public Outcome Exits(int code)
    {
        Assert.True(Exit == code, $"Exit code {Exit}, not {code}.\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Checks that it was refused with a code.</summary>
    public Outcome Says(string code)
    {
        Assert.Contains($"elasticity: {code}: ", Error);
        return this;
    }
}
