using System.Net;
using System.Text;
using Elasticity.Api;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Elasticity.Silo.Tests;

public class DashboardGuardTests
{
    private static readonly ApiKeys Keys = new(
    [
        KeyOf("boss", ApiRoles.Admin),
        KeyOf("worker", ApiRoles.Read | ApiRoles.Work | ApiRoles.Submit),
    ]);

    [Fact]
    public async Task Without_keys_this_machine_may_look() =>
        Assert.Equal(200, (await AskAsync(null, "127.0.0.1")).StatusCode);

    [Fact]
    public async Task Without_keys_nobody_else_may() =>
        Assert.Equal(403, (await AskAsync(null, "192.0.2.7")).StatusCode);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("192.0.2.7")]
    public async Task With_keys_a_browser_without_one_is_asked_for_it(string remote)
    {
        HttpResponse answer = await AskAsync(Keys, remote);

        Assert.Equal(401, answer.StatusCode);
        Assert.StartsWith("Basic ", answer.Headers.WWWAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/")]
    [InlineData("/DashBoard/DashboardCounters")]
    public async Task Everything_below_the_dashboard_is_guarded(string path) =>
        Assert.Equal(401, (await AskAsync(Keys, "192.0.2.7", path: path)).StatusCode);

    [Fact]
    public async Task Other_paths_are_left_to_their_own_guards() =>
        Assert.Equal(200, (await AskAsync(Keys, "192.0.2.7", path: "/v1/jobs")).StatusCode);

    [Fact]
    public async Task An_admin_key_opens_as_password_and_as_bearer()
    {
        Assert.Equal(200, (await AskAsync(Keys, "192.0.2.7", Basic("anybody:secret-of-boss"))).StatusCode);
        Assert.Equal(200, (await AskAsync(Keys, "192.0.2.7", "Bearer secret-of-boss")).StatusCode);
    }

    [Fact]
    public async Task Nothing_else_opens()
    {
        string[] headers =
        [
            Basic("anybody:secret-of-worker"), "Bearer secret-of-worker", Basic("secret-of-boss:"), Basic(":"),
            "Basic secret-of-boss", "Basic !!!", "Basic", "Digest secret-of-boss", $"Basic {new string('A', 4_000)}",
            Basic("anybody:secret-of-nobody"),
        ];
        foreach (string header in headers)
        {
            Assert.Equal(401, (await AskAsync(Keys, "192.0.2.7", header)).StatusCode);
        }
    }

    private static ApiKey KeyOf(string name, ApiRoles roles) =>
        new(name, ApiKeys.Sha256Of($"secret-of-{name}"), roles);

    private static string Basic(string pair) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}";

    private static async Task<HttpResponse> AskAsync(
        IApiKeys? keys, string remote, string? authorization = null, string path = "/dashboard/")
    {
        DefaultHttpContext http = new();
        http.Request.Path = path;
        http.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        http.Request.Headers.Authorization = authorization;
        await new DashboardGuard(keys).InvokeAsync(http, _ => Task.CompletedTask);
        return http.Response;
    }
}
