using System.Text.Json;
using System.Text.Json.Serialization;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Rows of the derived list of jobs.</summary>
public static class JobRows
{
    /// <summary>The row that shows a state.</summary>
    /// <param name="id">The job.</param>
    /// <param name="state">Its state.</param>
    /// <returns>The row.</returns>
    public static JobRow Of(JobId id, JobState state) => new(
        id.Value,
        state.Header.Name,
        JobDecider.Word(state.Phase),
        state.CreatedAt,
        state.Version,
        JsonSerializer.SerializeToUtf8Bytes(JobSummary.Of(id, state), SummaryJson.Default.JobSummary));
}

/// <summary>The JSON of the rows.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(JobIdConverter)])]
[JsonSerializable(typeof(JobSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
