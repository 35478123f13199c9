using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace Elasticity.Web.Tests;

/// <summary>What a browser gets.</summary>
public class ServedTests
{
    [Theory]
    [InlineData("/ui/", "text/html; charset=utf-8")]
    [InlineData("/ui/index.html", "text/html; charset=utf-8")]
    [InlineData("/ui/app.js", "text/javascript; charset=utf-8")]
    [InlineData("/ui/style.css", "text/css; charset=utf-8")]
    [InlineData("/ui/icon.svg", "image/svg+xml")]
    public async Task A_file_is_served_as_what_it_is(string path, string mediaType)
    {
        await using WebHost host = await WebHost.StartAsync();

        using HttpResponseMessage response = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(mediaType, response.Content.Headers.ContentType?.ToString());
        Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Every_file_of_the_folder_is_served_byte_for_byte()
    {
        await using WebHost host = await WebHost.StartAsync();

        Assert.NotEmpty(Pages.Files);
        foreach (string file in Pages.Files)
        {
            Assert.Equal(
                await File.ReadAllBytesAsync(file),
                await host.Client.GetByteArrayAsync($"/ui/{Path.GetFileName(file)}"));
        }
    }

    [Fact]
    public async Task Every_answer_forbids_what_the_pages_do_not_need()
    {
        await using WebHost host = await WebHost.StartAsync();
        foreach (string file in Pages.Files)
        {
            using HttpResponseMessage response = await host.Client.GetAsync($"/ui/{Path.GetFileName(file)}");

            string policy = Header(response, "Content-Security-Policy");
            Assert.StartsWith("default-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("require-trusted-types-for 'script'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
            Assert.Equal("DENY", Header(response, "X-Frame-Options"));
            Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        }
    }

    [Fact]
    public async Task A_file_that_has_not_changed_is_not_sent_again()
    {
        await using WebHost host = await WebHost.StartAsync();
        using HttpResponseMessage first = await host.Client.GetAsync("/ui/app.js");
        Assert.True(first.Headers.CacheControl?.NoCache);
        EntityTagHeaderValue tag = first.Headers.ETag!;

        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(host, tag));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, new EntityTagHeaderValue("\"older\"")));
    }

    [Fact]
    public async Task The_tag_is_that_of_the_content()
    {
        await using WebHost host = await WebHost.StartAsync();
        await using WebHost other = await WebHost.StartAsync();

        Assert.Equal(await TagAsync(host, "/ui/"), await TagAsync(other, "/ui/index.html"));
        Assert.NotEqual(await TagAsync(host, "/ui/app.js"), await TagAsync(host, "/ui/api.js"));
    }

    [Theory]
    [InlineData("/", null, "/ui/")]
    [InlineData("/ui", null, "/ui/")]
    [InlineData("/jobs-of-us/", "/jobs-of-us", "/jobs-of-us/ui/")]
    public async Task Whoever_comes_to_the_door_is_led_in(string path, string? pathBase, string to)
    {
        await using WebHost host = await WebHost.StartAsync(pathBase);

        using HttpResponseMessage response = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(to, response.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("/ui/nothing.js")]
    [InlineData("/ui/app.js/more")]
    [InlineData("/ui/..%2fapp.js")]
    [InlineData("/app.js")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        await using WebHost host = await WebHost.StartAsync();

        using HttpResponseMessage response = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_file_may_be_asked_for_without_its_content_but_not_changed()
    {
        await using WebHost host = await WebHost.StartAsync();
        using HttpRequestMessage head = new(HttpMethod.Head, "/ui/app.js");
        using HttpResponseMessage answer = await host.Client.SendAsync(head);
        using HttpResponseMessage post = await host.Client.PostAsync("/ui/app.js", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(WebHost host, EntityTagHeaderValue tag)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/ui/app.js");
        request.Headers.IfNoneMatch.Add(tag);
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<EntityTagHeaderValue> TagAsync(WebHost host, string path)
    {
        using HttpResponseMessage response = await host.Client.GetAsync(path);
        return response.Headers.ETag!;
    }

    private static string Header(HttpResponseMessage response, string name) =>
        Assert.Single(response.Headers.GetValues(name));
}
