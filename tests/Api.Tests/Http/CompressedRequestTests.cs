using System.Net;
using System.Text;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Http;

/// <summary>Some clients compress requests. A server that does not accept that says how to send them (RFC 9110 section 15.5.16).</summary>
public sealed class CompressedRequestTests
{
    private static readonly string[] Paths = ["/openai/v1/chat/completions", "/openai/v1/responses", "/openai/v1/embeddings", "/anthropic/v1/messages", "/mcp", "/agent/services/summary/run", "/agent/auth"];

    public static TheoryData<string> All => [.. Paths];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_compressed_request_is_415_with_the_coding_that_is_taken_and_one_that_says_identity_is_read(string path)
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        var key = path == "/agent/auth" ? RunningApi.PlatformKey : (await api.Client.Post("/agent/auth", RunningApi.PlatformKey,
            """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""")).Expect(201).Data.GetProperty("token").GetString()!;

        foreach (var coding in new[] { "gzip", "br", "zstd", "x-nonsense" })
        {
            using var refused = await Send(coding);
            Assert.True(refused.StatusCode == HttpStatusCode.UnsupportedMediaType, $"{coding}: {(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
            Assert.Equal("identity", string.Join(',', refused.Headers.GetValues("Accept-Encoding")));
        }

        using var read = await Send("identity");
        Assert.NotEqual(HttpStatusCode.UnsupportedMediaType, read.StatusCode);

        Task<HttpResponseMessage> Send(string coding)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}")) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
            request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
            return http.SendAsync(request);
        }
    }
}
