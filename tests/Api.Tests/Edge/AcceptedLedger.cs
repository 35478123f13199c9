using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Contracts;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>
/// What a server said that it accepted, told by nothing but the bytes that were sent and the bytes that came back. At
/// the end all of it must be there, as it was said.
/// </summary>
internal sealed class AcceptedLedger
{
    private readonly Dictionary<string, JsonElement> _jobs = [];
    private readonly Dictionary<string, long> _versions = [];
    private readonly Dictionary<(string Job, int Index), JsonElement> _outcomes = [];
    private readonly Dictionary<(string Job, int Index), int> _failures = [];
    private readonly Dictionary<(string Job, int Index), long> _tokens = [];
    private readonly HashSet<(string Job, int Index, long Token)> _settled = [];

    /// <summary>Jobs that were accepted, as they were submitted.</summary>
    public IReadOnlyDictionary<string, JsonElement> Jobs => _jobs;

    /// <summary>Results that were recorded, and that ended their tasks for good.</summary>
    public int OutcomeCount => _outcomes.Count;

    /// <summary>Leases that may still be held.</summary>
    public IEnumerable<(string Job, int Index, long Token)> Held =>
        _tokens.Select(t => (t.Key.Job, t.Key.Index, t.Value)).Where(l => !_settled.Contains(l));

    /// <summary>Takes a request in that was answered with success.</summary>
    public void Take(string path, byte[] sent, JsonElement answer)
    {
        switch (path.Split('?')[0].Split('/') is [_, _, .. var rest] ? rest : [])
        {
            case ["jobs"]:
                JsonElement job = JsonElement.Parse(sent);
                string id = answer.GetProperty("id").GetString()!;
                Assert.Equal(job.GetProperty("tasks").GetArrayLength(), answer.GetProperty("taskCount").GetInt32());
                _jobs.TryAdd(id, job); // The same one again is accepted, too.
                _versions[id] = Math.Max(_versions.GetValueOrDefault(id), answer.GetProperty("version").GetInt64());
                break;
            case ["agents", _, "sessions", _, "lease"]:
                TakeLeased(answer.GetProperty("tasks"));
                break;
            case ["agents", _, "sessions", _, "settle"]:
                TakeSettled(JsonElement.Parse(sent).GetProperty("results"), answer);
                TakeLeased(answer.GetProperty("tasks"));
                break;
        }
    }

    /// <summary>Asks the server for all of it.</summary>
    public async Task HoldAsync(ApiHost host)
    {
        HashSet<string> listed = [];
        string? cursor = null;
        do
        {
            JsonElement page = await host.GetAsync(
                $"/v1/jobs?limit=50{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}").JsonAsync();
            listed.UnionWith(page.GetProperty("items").EnumerateArray().Select(j => j.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);

        foreach ((string id, JsonElement sent) in _jobs)
        {
            Assert.True(listed.Contains(id), $"{id} was accepted and is not listed.");
            JsonElement job = await host.GetAsync($"/v1/jobs/{id}").JsonAsync();
            Assert.Equal(sent.GetProperty("tasks").GetArrayLength(), job.GetProperty("taskCount").GetInt32());
            Assert.InRange(job.GetProperty("version").GetInt64(), _versions[id], long.MaxValue);
            AssertAsSent(sent, job, "name");
            AssertAsSent(sent, job, "labels");
            int index = 0;
            foreach (JsonElement task in sent.GetProperty("tasks").EnumerateArray())
            {
                await HoldAsync(host, id, index++, task);
            }
        }
    }

    private static void AssertAsSent(JsonElement sent, JsonElement kept, string name)
    {
        if (sent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
        {
            JsonElement there = kept.GetProperty(name);
            Assert.True(JsonElement.DeepEquals(value, there), $"{name} was {value}, and is {there}.");
        }
    }

    private void TakeLeased(JsonElement tasks)
    {
        foreach (JsonElement task in tasks.EnumerateArray())
        {
            (string, int) name = NameOf(task);
            long token = task.GetProperty("token").GetInt64();
            long before = _tokens.GetValueOrDefault(name);
            Assert.True(token >= before, $"{task} was given after token {before}.");
            _tokens[name] = token;
            if (_jobs.TryGetValue(name.Item1, out JsonElement job))
            {
                AssertSamePayload(job.GetProperty("tasks")[name.Item2], Bytes(task, "payload"));
            }
        }
    }

    private void TakeSettled(JsonElement results, JsonElement answer)
    {
        HashSet<int> refused =
            [.. answer.GetProperty("refused").EnumerateArray().Select(r => r.GetProperty("position").GetInt32())];
        Assert.Equal(results.GetArrayLength(), answer.GetProperty("recorded").GetInt32() + refused.Count);
        int position = 0;
        foreach (JsonElement result in results.EnumerateArray())
        {
            (string Job, int Index) name = NameOf(result);
            if (!refused.Contains(position++) && _settled.Add((name.Job, name.Index, TokenOf(result))))
            {
                Record(name, result);
            }
        }
    }

    private void Record((string Job, int Index) name, JsonElement result)
    {
        Assert.Equal(_tokens.GetValueOrDefault(name), TokenOf(result)); // Only what was leased, under the last token.
        switch (result.GetProperty("outcome").GetString())
        {
            case OutcomeWord.Succeeded:
                Assert.True(_outcomes.TryAdd(name, result), $"{name} was recorded twice.");
                break;
            case OutcomeWord.Failed:
                _failures[name] = _failures.GetValueOrDefault(name) + 1;
                if (result.GetProperty("failure").TryGetProperty("isFinal", out JsonElement isFinal)
                    && isFinal.ValueKind == JsonValueKind.True)
                {
                    Assert.True(_outcomes.TryAdd(name, result), $"{name} was recorded twice.");
                }

                break;
        }
    }

    private async Task HoldAsync(ApiHost host, string job, int index, JsonElement sent)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/v1/jobs/{job}/tasks/{index}");
        JsonElement task = await host.GetAsync(path).JsonAsync();
        foreach (string name in (string[])["kind", "name", "priority"])
        {
            AssertAsSent(sent, task, name);
        }

        Assert.True(task.GetProperty("token").GetInt64() >= _tokens.GetValueOrDefault((job, index)), $"{task}");
        Assert.True(task.GetProperty("attempts").GetInt32() >= _failures.GetValueOrDefault((job, index)), $"{task}");
        AssertSamePayload(sent, await BytesAsync(host, path + "/payload"));
        if (_outcomes.TryGetValue((job, index), out JsonElement said))
        {
            bool isSuccess = said.GetProperty("outcome").GetString() == OutcomeWord.Succeeded;
            string? state = task.GetProperty("state").GetString();
            if (!isSuccess && state == TaskWord.Cancelled)
            {
                Assert.True(IsFailFast(_jobs[job]), $"{task}"); // Another had failed before, so this was to stop.
                return;
            }

            Assert.Equal(isSuccess ? TaskWord.Succeeded : TaskWord.DeadLettered, state);
            Assert.Equal(Bytes(said, "result"), await BytesAsync(host, path + "/result"));
            if (!isSuccess)
            {
                AssertAsSent(said.GetProperty("failure"), task.GetProperty("failure"), "code");
            }
        }
    }

    private static bool IsFailFast(JsonElement job) =>
        job.TryGetProperty("policy", out JsonElement policy) && policy.ValueKind == JsonValueKind.Object
        && policy.TryGetProperty("onDeadLetter", out JsonElement rule) && rule.GetString() == "fail-fast";

    private static void AssertSamePayload(JsonElement sent, string kept) => Assert.Equal(Bytes(sent, "payload"), kept);

    /// <summary>The very bytes of a member, as text; empty when there is none.</summary>
    private static string Bytes(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : string.Empty;

    private static async Task<string> BytesAsync(ApiHost host, string path)
    {
        using HttpResponseMessage response = await host.GetAsync(path);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return string.Empty;
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
    }

    private static (string Job, int Index) NameOf(JsonElement named) =>
        (named.GetProperty("job").GetString()!, named.GetProperty("index").GetInt32());

    private static long TokenOf(JsonElement result) => result.GetProperty("token").GetInt64();
}
