namespace Elasticity.Api.Tests.OpenApi;

/// <summary>What the parameters mean. They mean the same wherever they stand.</summary>
internal static class ParameterTexts
{
    public static string Of(string name) => name switch
    {
        "cursor" => "From 'next' of the page before; absent begins.",
        "first" => "The index of the chunk's first task.",
        "index" => "The task's place in the job, from 0.",
        "limit" => "The most items of the page; 1 to 1,000, with payloads 1 to 100. Default: 100.",
        "payloads" => "Whether inputs and results are shown too. Default: false.",
        "search" => "The id or the name contains this, ignoring ASCII case; at most 128 characters.",
        "state" => "Only what is in this state.",
        "version" => "The state as of this version of the stream; absent means now.",
        _ => throw new ArgumentException($"Say what the parameter '{name}' means.", nameof(name)),
    };
}
