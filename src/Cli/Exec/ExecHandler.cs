using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Elasticity.Cli.Work;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Exec;

/// <summary>Executes commands: docs/guides/run.md says what they see, and what their exit codes mean.</summary>
/// <param name="read">What a task's payload says.</param>
/// <param name="options">How.</param>
/// <param name="time">The clock.</param>
internal sealed class ExecHandler(
    Func<Payload, (ExecTask? Task, string? Problem)> read, ExecOptions options, TimeProvider time)
    : ITaskHandler, IDisposable
{
    private const int MessageLengthMax = 500;

    private readonly Guardian? _guardian = Guardian.Start();

    private enum End
    {
        Exited,
        TimedOut,
        Stopped,
    }

    /// <inheritdoc/>
    public async ValueTask<Settlement> HandleAsync(LeasedTask task, CancellationToken stop)
    {
        (ExecTask? exec, string? problem) = read(task.Payload);
        return exec is null || problem is not null
            ? Failed("invalid-payload", problem ?? "There is no command.", isFinal: true)
            : await Task.Run(() => ExecuteAsync(task, exec, stop), CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Dispose() => _guardian?.Dispose();

    private static Settlement.Failed Failed(string code, string message, bool isFinal) =>
        new(new Failure(code, message, isFinal), Payload.None);

    private static bool IsFinal(int exitCode) => exitCode is 65 or 126 or 127;

    private async Task<Settlement> ExecuteAsync(LeasedTask task, ExecTask exec, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return new Settlement.GivenBack();
        }

        ProcessStartInfo start = ShellCommand.For(exec);
        start.Environment["ELASTICITY_JOB"] = task.Task.Job.Value;
        start.Environment["ELASTICITY_TASK"] = Text(task.Task.Index);
        start.Environment["ELASTICITY_RUN"] = Text(task.Run);
        start.Environment["ELASTICITY_ATTEMPT"] = Text(task.Attempt);
        start.Environment["ELASTICITY_TOKEN"] = Text(task.Token);
        try
        {
            using Process process = Process.Start(start)!;
            return await FollowAsync(process, exec, stop);
        }
        catch (Win32Exception e)
        {
            const int TooLong = 7; // E2BIG
            bool isFinal = e.NativeErrorCode == TooLong;
            return Failed("exec-failed", $"The command could not be started: {e.Message}", isFinal);
        }
    }

    private async Task<Settlement> FollowAsync(Process process, ExecTask exec, CancellationToken stop)
    {
        long began = time.GetTimestamp();
        int group = process.Id;
        OutputTail output = new(options.OutputBytesMax);
        OutputTail errorOutput = new(options.OutputBytesMax);
        Task reading;
        End end;
        _guardian?.Watch(group);
        try
        {
            await BeginAsync(process);
            reading = Task.WhenAll(
                ReadAsync(process.StandardOutput.BaseStream, output),
                ReadAsync(process.StandardError.BaseStream, errorOutput));
            end = await WaitAsync(process, exec, stop);
        }
        finally
        {
            ProcessGroup.End(process); // What it left behind would write on, and hold the output open.
            _guardian?.Forget(group); // At once: from now on its id may become somebody else's.
        }

        await Task.WhenAny(reading, Task.Delay(options.OutputMax, time, CancellationToken.None));
        return end switch
        {
            End.Stopped => new Settlement.GivenBack(),
            End.TimedOut => new Settlement.Failed(
                new Failure("timeout", $"It ran longer than {Text(exec.TimeoutSeconds)} s.", IsFinal: false),
                Result()),
            _ when process.ExitCode == 0 => new Settlement.Succeeded(Result()),
            _ => new Settlement.Failed(
                new Failure("exit-code", Message(process.ExitCode, errorOutput), IsFinal(process.ExitCode)),
                Result()),
        };

        Payload Result() => ExecResult.Write(process.ExitCode, time.GetElapsedTime(began), output, errorOutput);
    }

    /// <summary>Waits for the command, and ends it when it takes too long or is to stop.</summary>
    private async Task<End> WaitAsync(Process process, ExecTask exec, CancellationToken stop)
    {
        Task exit = process.WaitForExitAsync(CancellationToken.None);
        TimeSpan limit = exec.TimeoutSeconds is { } seconds
            ? TimeSpan.FromSeconds(seconds)
            : Timeout.InfiniteTimeSpan;
        if (await EndsWithinAsync(exit, limit, stop))
        {
            return End.Exited;
        }

        End end = stop.IsCancellationRequested ? End.Stopped : End.TimedOut;
        ProcessGroup.AskToEnd(process);
        if (!await EndsWithinAsync(exit, options.EndMax, CancellationToken.None))
        {
            ProcessGroup.End(process);
            await exit;
        }

        return end;
    }

    private async Task<bool> EndsWithinAsync(Task exit, TimeSpan limit, CancellationToken stop)
    {
        try
        {
            await exit.WaitAsync(limit, time, stop);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task BeginAsync(Process process)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync("\n"u8.ToArray());
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it began; its exit code says the rest.
        }
    }

    private static async Task ReadAsync(Stream stream, OutputTail tail)
    {
        byte[] buffer = new byte[4_096];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and int length)
            {
                tail.Append(buffer.AsSpan(0, length));
            }
        }
        catch (IOException)
        {
            // Closed under our hands: what has come is what there is.
        }
        catch (ObjectDisposedException)
        {
            // The same.
        }
    }

    private static string Message(int exitCode, OutputTail errorOutput)
    {
        string said = Encoding.UTF8.GetString(errorOutput.Last(MessageLengthMax).Bytes).Trim();
        string last = said[(said.LastIndexOf('\n') + 1)..];
        return last.Length == 0 ? $"Exit code {exitCode}." : $"Exit code {exitCode}: {last}";
    }

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
