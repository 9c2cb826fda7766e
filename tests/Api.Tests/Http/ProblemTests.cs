using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Http;

public sealed class ProblemTests
{
    [Fact]
    public async Task Who_asks_for_problem_details_gets_the_refusal_so_with_all_that_the_envelope_says()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        var envelope = (await api.Client.Post("/agent/services/summary/run", token, """{"input":{"text":""}}""")).Refused(422, "validation_failed");

        var (type, problem) = await Asked(api, HttpMethod.Post, "/agent/services/summary/run", token, "application/problem+json", """{"input":{"text":""}}""");

        Assert.Equal("application/problem+json", type);
        Assert.Equal(("/errors/validation_failed", "The content is not valid.", 422), (Text(problem, "type"), Text(problem, "title"), problem.GetProperty("status").GetInt32()));
        Assert.Equal(Text(envelope.Error, "message"), Text(problem, "detail"));
        Assert.Equal($"/errors/validation_failed#{Text(problem, "request_id")}", Text(problem, "instance"));
        foreach (var name in new[] { "code", "details", "retry_allowed", "retry", "retry_after_seconds", "next_actions" })
        {
            Assert.Equal((name, envelope.Error.GetProperty(name).GetRawText()), (name, problem.GetProperty(name).GetRawText()));
        }

        Assert.Equal(
            envelope.Json.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()!.Replace("error.", "", StringComparison.Ordinal)),
            problem.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()!));
    }

    [Theory]
    [InlineData("application/problem+json", true)]
    [InlineData("APPLICATION/PROBLEM+JSON", true)]
    [InlineData("application/json, application/problem+json", true)]
    [InlineData("application/problem+json;q=0.9, */*;q=0.8", true)]
    [InlineData("application/json, application/problem+json;q=0.5", false)]
    [InlineData("application/problem+json;q=0", false)]
    [InlineData("*/*", false)]
    [InlineData("application/*", false)]
    [InlineData("application/problem+xml", false)]
    [InlineData("problem+json", false)]
    [InlineData(";;application/problem+json;;q=", false)]
    [InlineData("application/problem+json;q=nonsense", true)]
    public async Task By_Accept_and_nonsense_in_it_is_not_heard(string accept, bool isProblem)
    {
        await using var api = await RunningApi.Start();
        foreach (var path in new[] { "/agent/services", "/nowhere" })
        {
            var (type, reply) = await Asked(api, HttpMethod.Get, path, null, accept);
            Assert.Equal(isProblem ? "application/problem+json" : "application/json", type);
            Assert.Equal(isProblem, reply.TryGetProperty("type", out _));
        }

        Assert.Equal("application/json", (await Asked(api, HttpMethod.Get, "/healthz", null, accept)).Type);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static async Task<(string? Type, JsonElement Json)> Asked(RunningApi api, HttpMethod method, string path, string? token, string accept, string? body = null)
    {
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, null, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var reply = await http.SendAsync(request);
        return (reply.Content.Headers.ContentType?.MediaType, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }
}
