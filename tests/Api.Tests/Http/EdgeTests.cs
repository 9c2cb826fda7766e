using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Http;

/// <summary>What holds of every reply and of every path, whichever route it is.</summary>
public sealed class EdgeTests
{
    [Fact]
    public async Task Every_reply_says_nosniff_and_the_rest_whoever_wrote_it()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        (string Method, string Path, int Status)[] replies =
        [
            ("GET", "/", 200), ("GET", "/openapi/v1.json", 200), ("GET", "/healthz", 200), ("GET", "/readyz", 200), ("GET", "/metrics", 200), ("GET", "/.well-known/jwks.json", 200),
            ("GET", "/approvals/x", 404), ("POST", "/approvals/x", 422), ("GET", "/agent/services", 401), ("GET", "/admin/users", 401), ("GET", "/nowhere", 404), ("POST", "/", 405),
            ("HEAD", "/", 200), ("HEAD", "/nowhere", 404), ("HEAD", "/agent/auth", 405), ("OPTIONS", "/agent/auth", 204), ("OPTIONS", "/nowhere", 404),
        ];
        foreach (var (method, path, status) in replies)
        {
            using var request = new HttpRequestMessage(new(method), path);
            using var reply = await http.SendAsync(request);
            Assert.Equal((path, status), (path, (int)reply.StatusCode));
            Assert.Equal((path, "nosniff"), (path, Header(reply, "X-Content-Type-Options")));
            Assert.Equal((path, "DENY"), (path, Header(reply, "X-Frame-Options")));
            Assert.Equal((path, "no-referrer"), (path, Header(reply, "Referrer-Policy")));
            Assert.StartsWith("default-src 'none'; ", Header(reply, "Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Equal((path, path switch { "/.well-known/jwks.json" => "public, max-age=60", "/openapi/v1.json" => "no-cache", _ => "no-store" }), (path, Header(reply, "Cache-Control")));
            Assert.Null(Header(reply, "Strict-Transport-Security"));
        }
    }

    [Fact]
    public async Task HEAD_answers_whatever_GET_does_without_the_body()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", RunningApi.AdminKey);
        using var document = JsonDocument.Parse(await api.Client.Text("/openapi/v1.json"));
        var paths = document.RootElement.GetProperty("paths").EnumerateObject().Where(p => p.Value.TryGetProperty("get", out _)).Select(p => p.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
        foreach (var path in paths.Concat(["/", "/openapi/v1.json", "/metrics", "/readyz", "/errors/not_found", "/agent/schemas/auth"]))
        {
            using var get = await http.GetAsync(path);
            using var head = await http.SendAsync(new(HttpMethod.Head, path));
            Assert.Equal((path, get.StatusCode, get.Content.Headers.ContentType), (path, head.StatusCode, head.Content.Headers.ContentType));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            Assert.True(head.Content.Headers.ContentLength is not 0, path);
        }
    }

    [Theory]
    [InlineData("DELETE", "/admin/services/summary", "PATCH with {\"active\":false}", "patch_service", "/admin/services/summary")]
    [InlineData("DELETE", "/admin/campaigns/survey", "PATCH with {\"active\":false}", "patch_campaign", "/admin/campaigns/survey")]
    [InlineData("POST", "/admin/users", "PUT /admin/users/{user_id} makes one", "list_users", "/admin/users")]
    [InlineData("POST", "/admin/services", "PUT /admin/services/{service_id} makes one", "list_all_services", "/admin/services")]
    [InlineData("DELETE", "/admin/users/a b", "answers", "start", "/")]
    [InlineData("POST", "/metrics", "answers GET", "start", "/")]
    public async Task A_method_that_a_route_has_not_names_what_does_the_same(string method, string path, string said, string action, string endpoint)
    {
        await using var api = await RunningApi.Start();

        var refused = (await api.Client.Admin(new(method), path)).Refused(405, "method_not_allowed");

        Assert.Contains(said, refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((action, endpoint), (refused.ActionNames[0], refused.NextActions[0].GetProperty("endpoint").GetString()));
        Assert.Equal(method == "DELETE" && action != "start", refused.NextActions[0].TryGetProperty("body", out _));
    }

    [Fact]
    public async Task The_document_is_found_at_its_usual_address_and_is_in_English()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = api.Client.Address };
        http.DefaultRequestHeaders.Add("Accept-Language", "ja");

        using var moved = await http.GetAsync("/openapi.json");
        Assert.Equal((HttpStatusCode.PermanentRedirect, "/openapi/v1.json"), (moved.StatusCode, moved.Headers.Location?.OriginalString));
        using var document = await http.GetAsync("/openapi/v1.json");
        Assert.Equal((HttpStatusCode.OK, "en"), (document.StatusCode, document.Content.Headers.ContentLanguage.Single()));
    }

    [Fact]
    public async Task OPTIONS_and_what_is_not_allowed_say_what_is()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        foreach (var (method, path, allowed) in new[] { ("OPTIONS", "/agent/services", "GET, HEAD"), ("DELETE", "/agent/services", "GET, HEAD"), ("OPTIONS", "/agent/auth", "POST"), ("HEAD", "/agent/auth", "POST") })
        {
            using var reply = await http.SendAsync(new(new(method), path));
            Assert.Equal((path, allowed), (path, string.Join(", ", reply.Content.Headers.Allow)));
        }
    }

    [Fact]
    public async Task Over_TLS_as_a_trusted_proxy_says_it_the_reply_says_that_it_stays_so()
    {
        await using var api = await RunningApi.Start(trustedProxies: [IPNetwork.Parse("127.0.0.0/8")]);
        var reply = (await api.Client.Send(HttpMethod.Get, "/", null, null, ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"))).Expect(200);
        Assert.Equal("max-age=31536000", reply.Header("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_path_in_another_case_is_no_route()
    {
        await using var api = await RunningApi.Start();
        using var document = JsonDocument.Parse(await api.Client.Text("/openapi/v1.json"));
        string[] documents = ["/metrics", "/openapi/v1.json", "/healthz", "/readyz", "/.well-known/jwks.json", "/approvals/{token}"];
        var routes = document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => (Method: m.Name.ToUpperInvariant(), Path: p.Name)))
            .Concat(documents.Select(d => (Method: "GET", Path: d))).ToList();

        Assert.True(routes.Count > 60, $"{routes.Count}");
        foreach (var (method, path) in routes)
        {
            var other = string.Join('/', path.Split('/').Select(s => s.StartsWith('{') ? "id" : s.ToUpperInvariant()));
            (await api.Client.Send(new HttpMethod(method), other, RunningApi.AdminKey)).Refused(404, "not_found");
        }

        (await api.Client.Admin(HttpMethod.Get, "/admin/users/")).Expect(200);
        (await api.Client.Admin(HttpMethod.Get, "/admin/Users")).Refused(404, "not_found");
    }

    [Theory]
    [InlineData("Content-Type: application/json\r\nTransfer-Encoding: chunked", "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", 400)]
    [InlineData("Content-Type: application/json\r\nTransfer-Encoding: chunked", "FFFFFFFF\r\n{}\r\n0\r\n\r\n", 400)]
    [InlineData("Content-Type: application/json\r\nTransfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n", 400)]
    [InlineData("Content-Type: application/json\r\nTransfer-Encoding: chunked", "2\r\n{}!!0\r\n\r\n", 400)]
    [InlineData("Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked", "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", 400)]
    [InlineData("Content-Type: application/x-www-form-urlencoded; charset=utf-7\r\nContent-Length: 16", "decision=approve", 415)]
    [InlineData("Content-Type: application/x-www-form-urlencoded; charset=nothing\r\nContent-Length: 16", "decision=approve", 415)]
    [InlineData("Content-Type: application/x-www-form-urlencoded-and-more\r\nContent-Length: 16", "decision=approve", 415)]
    [InlineData("Content-Type: application/x-www-form-urlencoded; =\r\nContent-Length: 16", "decision=approve", 415)]
    [InlineData("Content-Type: application/x-www-form-urlencoded; charset=utf-16\r\nContent-Length: 16", "decision=approve", 415)]
    [InlineData("Content-Type: application/x-www-form-urlencoded; charset=\"UTF-8\"\r\nContent-Length: 16", "decision=approve", 404)]
    [InlineData("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3", "%zz", 404)]
    [InlineData("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3", "--x", 415)]
    public async Task What_cannot_be_read_is_a_4xx(string headers, string body, int status)
    {
        await using var api = await RunningApi.Start();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, api.Client.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /approvals/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n\r\n{body}"));
        using var reader = new StreamReader(socket.GetStream(), Encoding.UTF8);

        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    private static string? Header(HttpResponseMessage reply, string name) =>
        reply.Headers.TryGetValues(name, out var values) || reply.Content.Headers.TryGetValues(name, out values) ? Assert.Single(values) : null;
}
