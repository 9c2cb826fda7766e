using System.Text.Json;

namespace Agora.Api.Tests.Models;

/// <summary>What is no route below the door's base URLs is refused as the client's maker refuses it: its client knows no envelope of ours.</summary>
public sealed class DoorRouteTests : IAsyncLifetime
{
    private ModelWorld _world = null!;

    public async Task InitializeAsync() => _world = await ModelWorld.Start();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData("POST", "/openai/v1/images/generations", 404, "not_found", null)]
    [InlineData("GET", "/openai/v1/files", 404, "not_found", null)]
    [InlineData("GET", "/openai/v1", 404, "not_found", null)]
    [InlineData("POST", "/openai/v1/responses/compact", 404, "not_found", null)]
    [InlineData("POST", "/openai/v1/responses/resp_1/compact", 404, "not_found", null)]
    [InlineData("POST", "/anthropic/v1/messages/batches", 404, "not_found", null)]
    [InlineData("POST", "/anthropic/v1/complete", 404, "not_found", null)]
    [InlineData("DELETE", "/anthropic/v1/files/f", 404, "not_found", null)]
    [InlineData("GET", "/openai/v1/chat/completions", 405, "method_not_allowed", "POST")]
    [InlineData("PUT", "/openai/v1/responses/resp_1", 405, "method_not_allowed", "DELETE, GET")]
    [InlineData("POST", "/openai/v1/models", 405, "method_not_allowed", "GET")]
    [InlineData("GET", "/anthropic/v1/messages", 405, "method_not_allowed", "POST")]
    [InlineData("HEAD", "/openai/v1/models", 405, null, "GET")]
    [InlineData("HEAD", "/anthropic/v1/messages", 405, null, "POST")]
    [InlineData("HEAD", "/openai/v1/nothing", 404, null, null)]
    public async Task A_route_that_is_none_is_refused_in_the_makers_shape(string method, string path, int status, string? code, string? allow)
    {
        using var http = new HttpClient { BaseAddress = _world.Api.Client.Address };
        using var request = new HttpRequestMessage(new(method), path);
        using var reply = await http.SendAsync(request);

        Assert.Equal((status, "application/json", "false"), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType, reply.Headers.GetValues("x-should-retry").Single()));
        Assert.Equal(allow, allow is null ? null : string.Join(", ", reply.Content.Headers.Allow.Order(StringComparer.Ordinal)));
        var text = await reply.Content.ReadAsStringAsync();
        if (code is null)
        {
            Assert.Empty(text);
            return;
        }

        var body = JsonDocument.Parse(text).RootElement;
        var error = body.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(path, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        var isAnthropic = path.StartsWith("/anthropic", StringComparison.Ordinal);
        Assert.Equal(isAnthropic && status == 404 ? "not_found_error" : "invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(isAnthropic, body.TryGetProperty("type", out _));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Models_that_the_scopes_do_not_allow_are_not_listed(string door)
    {
        await _world.PutModel("usual", "openai");
        await _world.PutModel("dear", "openai", category: "frontier");

        var (narrow, broad) = (await _world.Open(categories: """["model"]"""), await _world.Open());

        Assert.Equal(["usual"], await Listed(narrow));
        Assert.Equal(["dear", "usual"], await Listed(broad));
        Assert.Equal((404, 200, 200), (await Status(narrow, "dear"), await Status(narrow, "usual"), await Status(broad, "dear")));

        async Task<IEnumerable<string?>> Listed(ModelSession session) =>
            JsonDocument.Parse(await _world.Door.Get(session, $"/{door}/v1/models")).RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString());

        async Task<int> Status(ModelSession session, string model) => (await _world.Door.Send(session, HttpMethod.Get, $"/{door}/v1/models/{model}")).Status;
    }

    /// <summary>Whose path only begins so is not the door's.</summary>
    [Fact]
    public async Task Another_path_has_the_envelope()
    {
        using var http = new HttpClient { BaseAddress = _world.Api.Client.Address };

        using var reply = await http.GetAsync("/openai/v11/models");
        var body = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal("error", body.GetProperty("status").GetString());
    }
}
