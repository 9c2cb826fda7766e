using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Agora.Api.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Http;

public sealed class RequestIdTests
{
    [Theory]
    [InlineData("order-7")]
    [InlineData("0198c0de-0000-7000-8000-000000000000")]
    [InlineData("a.b_c:d")]
    public async Task The_callers_own_stands_in_header_and_body_of_data_and_refusal(string id)
    {
        await using var api = await RunningApi.Start();
        foreach (var (path, status) in new[] { ("/", 200), ("/healthz", 200), ("/agent/services", 401), ("/admin/users", 401), ("/nowhere", 404) })
        {
            var reply = (await api.Client.Send(HttpMethod.Get, path, null, null, ("X-Request-Id", id))).Expect(status);
            Assert.Equal((id, id), (reply.Header("X-Request-Id"), reply.Json.GetProperty("request_id").GetString()));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("<script>")]
    [InlineData("a\u0001b")]
    [InlineData("é")]
    public async Task One_that_has_not_the_form_of_an_id_is_replaced(string id)
    {
        await using var api = await RunningApi.Start();
        var raw = await Raw(api, $"X-Request-Id: {id}\r\n");
        Assert.DoesNotContain($"X-Request-Id: {id}\r\n", raw, StringComparison.Ordinal);
        if (raw.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
        {
            Assert.Matches("X-Request-Id: [0-9a-f]{32}\r\n", raw);
        }
        else
        {
            Assert.StartsWith("HTTP/1.1 400", raw, StringComparison.Ordinal); // the web server takes no control character in a header
        }
    }

    [Fact]
    public async Task One_of_10_KB_and_one_that_comes_twice_are_replaced()
    {
        await using var api = await RunningApi.Start();
        Assert.Matches("X-Request-Id: [0-9a-f]{32}\r\n", await Raw(api, $"X-Request-Id: {new string('a', 10 * 1024)}\r\n"));
        Assert.Matches("X-Request-Id: [0-9a-f]{32}\r\n", await Raw(api, "X-Request-Id: one\r\nX-Request-Id: two\r\n"));
    }

    [Fact]
    public async Task Requests_that_bring_none_have_each_their_own_on_pages_and_texts_too()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in new[] { "/", "/", "/openapi/v1.json", "/metrics", "/.well-known/jwks.json", "/approvals/x", "/nowhere" })
        {
            using var reply = await http.GetAsync(path);
            Assert.True(seen.Add(Assert.Single(reply.Headers.GetValues("X-Request-Id"))), path);
            Assert.Matches(@"^\d+\.\d+\.\d+$", Assert.Single(reply.Headers.GetValues("Agora-Version")));
        }
    }

    [Fact]
    public async Task The_same_id_names_two_requests_and_repeats_nothing()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var calls = 0;
        api.Service.Seen = (_, _) => calls++;
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        for (var i = 0; i < 2; i++)
        {
            (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("X-Request-Id", "one"))).Expect(200);
        }

        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Each_line_of_the_log_is_within_the_scope_of_its_requests_id()
    {
        using var log = new ScopedLog();
        await using var api = await RunningApi.Start(log: log);
        foreach (var headers in new (string, string)[][] { [("X-Request-Id", "order-7")], [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")], [] })
        {
            var id = (await api.Client.Admin(HttpMethod.Get, "/admin/users", null, headers)).Expect(200).Header("X-Request-Id")!;
            Assert.Contains(log.Lines, line => line.Text.Contains(" did ", StringComparison.Ordinal) && line.Scopes.Contains(id));
        }
    }

    private static async Task<string> Raw(RunningApi api, string headers)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, api.Client.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n"));
        using var reader = new StreamReader(socket.GetStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private sealed class ScopedLog : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<(string Text, IReadOnlyList<string?> Scopes)> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Logger(this);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(ScopedLog log) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => log._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var scopes = new List<string?>();
                log._scopes.ForEachScope((scope, all) => all.AddRange((scope as IEnumerable<KeyValuePair<string, object?>> ?? []).Select(named => named.Value?.ToString())), scopes);
                log.Lines.Enqueue((formatter(state, exception), scopes));
            }
        }
    }
}
