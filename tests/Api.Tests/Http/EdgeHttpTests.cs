using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Http;

/// <summary>Compression and other origins: what a reply is for those who did not ask as our own client does.</summary>
public sealed class EdgeHttpTests
{
    private const string Page = "https://app.example";

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("identity", null)]
    [InlineData("zstd", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("", null)]
    [InlineData(";;;", null)]
    public async Task What_is_large_is_compressed_for_who_takes_it_and_is_the_same(string accepted, string? encoding)
    {
        await using var api = await RunningApi.Start();
        var (plain, _) = await Bytes(api, "/openapi/v1.json", "");

        var (bytes, said) = await Bytes(api, "/openapi/v1.json", accepted);

        Assert.Equal(encoding, said);
        Assert.Equal(plain, encoding switch { "gzip" => Unpacked(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)), "br" => Unpacked(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress)), _ => bytes });
        Assert.True(encoding is null || bytes.Length < plain.Length / 3);
    }

    [Fact]
    public async Task What_is_small_or_gives_a_secret_or_is_a_page_behind_a_link_is_not_compressed()
    {
        await using var api = await RunningApi.Start();
        Assert.Null((await Bytes(api, "/healthz", "gzip")).Encoding);
        Assert.Null((await Bytes(api, "/approvals/x", "gzip")).Encoding);

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/agent/auth") { Content = new StringContent("""{"agent_id":"a","user_id":"u","scopes":{"budget_limit_cents":100}}""", null, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {RunningApi.PlatformKey}");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
        using var opened = await http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Created, 0), (opened.StatusCode, opened.Content.Headers.ContentEncoding.Count));
    }

    [Fact]
    public async Task Each_operation_whose_reply_has_a_token_a_key_or_a_link_says_that_it_gives_a_secret()
    {
        await using var api = await RunningApi.Start();
        var giving = api.Services.GetRequiredService<OperationTable>().All.Where(o => Members(ApiJson.Options.GetJsonSchemaAsNode(o.Data)).Any(name => name is "token" or "key" or "link" or "secret")).ToList();

        Assert.Equal(["auth", "delegate_session", "get_inbox_webhook", "issue_agent_key", "issue_webhook_secret", "link_user", "list_approvals", "put_inbox_webhook"], giving.Select(o => o.Name).Order(StringComparer.Ordinal));
        Assert.All(giving, operation => Assert.True(operation.GivesSecret, operation.Name));
    }

    [Fact]
    public async Task Without_the_setting_no_origin_may_call()
    {
        await using var api = await RunningApi.Start();
        var reply = (await api.Client.Send(HttpMethod.Get, "/", null, null, ("Origin", Page))).Expect(200);
        var asked = await Preflight(api, Page);

        Assert.Null(reply.Header("Access-Control-Allow-Origin"));
        Assert.Equal((204, null), (asked.Status, asked.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task An_origin_that_is_set_may_call_and_read_our_headers_and_also_refusals()
    {
        await using var api = await RunningApi.Start(corsOrigins: [Page]);

        var asked = await Preflight(api, Page);
        Assert.Equal((204, Page), (asked.Status, asked.Header("Access-Control-Allow-Origin")));
        Assert.Contains("idempotency-key", asked.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Null(asked.Header("Access-Control-Allow-Credentials"));
        foreach (var path in new[] { "/", "/nowhere", "/agent/services" })
        {
            var reply = await api.Client.Send(HttpMethod.Get, path, null, null, ("Origin", Page));
            Assert.Equal((path, Page), (path, reply.Header("Access-Control-Allow-Origin")));
            Assert.Contains("X-Request-Id", reply.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
    }

    /// <summary>What the makers' clients, MCP's and A2A's send in a browser, and what resumes our own streams.</summary>
    [Theory]
    [InlineData("POST", "/openai/v1/chat/completions", "authorization,content-type,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout")]
    [InlineData("POST", "/anthropic/v1/messages", "anthropic-dangerous-direct-browser-access,anthropic-version,content-type,x-api-key,x-stainless-helper-method")]
    [InlineData("POST", "/openai/v1/chat/completions", "agora-route,authorization,cache-control,content-type")]
    [InlineData("GET", "/api/v2/chat/c/turns/1", "authorization,last-event-id")]
    [InlineData("GET", "/agent/inbox", "authorization,last-event-id")]
    [InlineData("POST", "/a2a/x/message:stream", "a2a-extensions,a2a-version,authorization,content-type,last-event-id")]
    [InlineData("POST", "/mcp", "authorization,content-type,last-event-id,mcp-protocol-version,mcp-session-id")]
    public async Task A_client_in_a_browser_may_send_all_headers_that_it_does(string method, string path, string headers)
    {
        await using var api = await RunningApi.Start(corsOrigins: [Page]);

        var asked = await api.Client.Send(HttpMethod.Options, path, null, null, ("Origin", Page), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));

        Assert.Equal((204, Page), (asked.Status, asked.Header("Access-Control-Allow-Origin")));
        Assert.Superset(headers.Split(',').ToHashSet(), Listed(asked.Header("Access-Control-Allow-Headers")));
        Assert.Contains(method.ToLowerInvariant(), Listed(asked.Header("Access-Control-Allow-Methods")));
    }

    /// <summary>Those of operations and those of doors: of models, of agents of others, of streams.</summary>
    [Fact]
    public async Task A_script_may_read_every_header_that_an_operation_or_a_door_declares()
    {
        await using var api = await RunningApi.Start(corsOrigins: [Page]);

        var exposed = Listed((await api.Client.Send(HttpMethod.Get, "/", null, null, ("Origin", Page))).Header("Access-Control-Expose-Headers"));

        string[] doors = ["agora-run-id", "agora-held-cents", "agora-max-output-tokens", "agora-cost-cents", "x-should-retry", "a2a-extensions", "stream-next-offset", "allow"];
        Assert.Superset(doors.ToHashSet(), exposed);
        Assert.Superset(AnswerHeaders.All.Select(header => header.Name.ToLowerInvariant()).ToHashSet(), exposed);
    }

    private static HashSet<string> Listed(string? header) => [.. (header ?? "").ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries)];

    [Theory]
    [InlineData("https://other.example")]
    [InlineData("http://app.example")]
    [InlineData("https://app.example:8443")]
    [InlineData("https://app.example.evil.example")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("%%%")]
    public async Task Another_origin_gets_no_leave(string origin)
    {
        await using var api = await RunningApi.Start(corsOrigins: [Page]);

        Assert.Null((await Preflight(api, origin)).Header("Access-Control-Allow-Origin"));
        Assert.Null((await api.Client.Send(HttpMethod.Get, "/", null, null, ("Origin", origin))).Expect(200).Header("Access-Control-Allow-Origin"));
    }

    private static Task<Support.Received> Preflight(RunningApi api, string origin) => api.Client.Send(
        HttpMethod.Options, "/agent/services/summary/run", null, null, ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"));

    private static IEnumerable<string> Members(JsonNode? schema) => schema switch
    {
        JsonObject node => (node["properties"] as JsonObject ?? []).Select(member => member.Key).Concat(node.SelectMany(member => Members(member.Value))),
        JsonArray items => items.SelectMany(Members),
        _ => [],
    };

    private static async Task<(byte[] Bytes, string? Encoding)> Bytes(RunningApi api, string path, string accepted)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var reply = await http.SendAsync(request);
        return (await reply.Content.ReadAsByteArrayAsync(), reply.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    private static byte[] Unpacked(Stream packed)
    {
        using (packed)
        {
            var bytes = new MemoryStream();
            packed.CopyTo(bytes);
            return bytes.ToArray();
        }
    }
}
