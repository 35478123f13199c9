// A client for the shows: submits, cancels and reads all the time, with the retries that a client has by itself, and
// writes down what each call took. It repeats nothing on its own account, so a call that fails here has failed.
//
//   elasticity-caller NAME CALLS SERVER...
//
// On SIGTERM it stops calling, waits until what is under way is answered or has failed, and holds what it was answered
// against what the cluster says. CALLS is a file: "call id tries seconds outcome time" of each call. Exits with 1 when
// something is missing or not as answered; calls that failed are for the show to count.
using System.Runtime.InteropServices;
using Elasticity.Caller;

if (args.Length < 3)
{
    await Console.Error.WriteLineAsync("usage: Elasticity.Caller NAME CALLS SERVER...");
    return 2;
}

using CancellationTokenSource told = new();
using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    told.Cancel();
});
await using CallLog log = new(args[1]);
using Caller caller = new(args[0], [.. args[2..].Select(a => new Uri(a))], log);
await caller.RunAsync(told.Token);
return await caller.CheckAsync() ? 0 : 1;
