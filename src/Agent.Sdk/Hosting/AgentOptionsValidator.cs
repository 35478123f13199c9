using Elasticity.Agent.Sdk.Handlers;
using Elasticity.Contracts;
using Microsoft.Extensions.Options;

namespace Elasticity.Agent.Sdk.Hosting;

/// <summary>Says what is wrong with options, and what to do.</summary>
internal sealed class AgentOptionsValidator(HandlerTable handlers, bool isInside = false)
    : IValidateOptions<AgentOptions>
{
    private const int KindsMax = 256;

    public ValidateOptionsResult Validate(string? name, AgentOptions options)
    {
        if (name != handlers.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> problems = [];
        CheckNames(options, problems);
        Check(nameof(AgentOptions.Slots), options.Slots, 1, 4_000, problems);
        Check(nameof(AgentOptions.PrefetchMax), options.PrefetchMax, 0, 4_000, problems);
        Check(nameof(AgentOptions.CallsMax), options.CallsMax, 1, 16, problems);
        Check(nameof(AgentOptions.LongPoll), options.LongPoll, 1, 60, problems);
        Check(nameof(AgentOptions.CallTimeout), options.CallTimeout, 0.1, 600, problems);
        Check(nameof(AgentOptions.BackoffMax), options.BackoffMax, 0.001, 600, problems);
        Check(
            nameof(AgentOptions.BackoffFirst), options.BackoffFirst, 0.001, options.BackoffMax.TotalSeconds, problems);
        Check(nameof(AgentOptions.ProgressInterval), options.ProgressInterval, 0.01, 3_600, problems);
        Check(nameof(AgentOptions.DrainTimeout), options.DrainTimeout, 0, 86_400, problems);
        Check(nameof(AgentOptions.CancelGrace), options.CancelGrace, 0, 3_600, problems);
        Check(nameof(AgentOptions.CloseTimeout), options.CloseTimeout, 0, 3_600, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private void CheckNames(AgentOptions options, List<string> problems)
    {
        if (isInside && (options.Server is not null || options.OtherServers.Count > 0))
        {
            problems.Add("An agent in the process of its engine calls that: it has no server.");
        }
        else if (!isInside && !ServerList.IsAddress(options.Server))
        {
            problems.Add(
                $"Set {nameof(AgentOptions)}.{nameof(AgentOptions.Server)} to the address of the server, such as "
                + $"http://localhost:8080; it is '{options.Server}'.");
        }

        problems.AddRange(options.OtherServers.Where(s => !ServerList.IsAddress(s)).Select(
            s => $"{nameof(AgentOptions.OtherServers)} are addresses such as http://localhost:8080, not '{s}'."));

        if (!AgentNames.IsValid(options.AgentId, AgentNames.LengthMax))
        {
            problems.Add(
                $"{nameof(AgentOptions.AgentId)} is 1 to {AgentNames.LengthMax} of [A-Za-z0-9._-], not "
                + $"'{options.AgentId}'.");
        }

        if (handlers.Kinds.Count is 0 or > KindsMax)
        {
            problems.Add(
                $"An agent has 1 to {KindsMax} handlers, not {handlers.Kinds.Count}: call AddHandler on what "
                + "AddElasticityAgent returned.");
        }
    }

    private static void Check(string name, int value, int min, int max, List<string> problems)
    {
        if (value < min || value > max)
        {
            problems.Add($"{name} is {min} to {max}, not {value}.");
        }
    }

    private static void Check(string name, TimeSpan value, double min, double max, List<string> problems)
    {
        if (!(value.TotalSeconds >= min && value.TotalSeconds <= max))
        {
            problems.Add($"{name} is {min} to {max} seconds, not {value.TotalSeconds}.");
        }
    }
}
