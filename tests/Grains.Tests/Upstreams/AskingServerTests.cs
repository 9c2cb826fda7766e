using System.Text;
using System.Text.Json;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Upstreams;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Upstreams;

/// <summary>A server that asks its client something is answered, and cannot have the client send what it likes.</summary>
public sealed class AskingServerTests
{
    private static readonly UpstreamAccess Access = new(1, ["https://asking.example/mcp"], null, null, null, []);

    [Theory]
    [InlineData("7")]
    [InlineData("\"seven\"")]
    public async Task A_servers_question_is_answered_by_its_id(string id) => Assert.Equal([id], await Answered(id));

    /// <summary>An answer has the id once more, escaped: that of a question of 4 MB would be 24 MB long, and be held for as long as its server does not read it.</summary>
    [Theory]
    [InlineData('"', '<')]
    [InlineData('1', '0')]
    public async Task A_question_with_a_long_id_is_not_answered(char around, char within) =>
        Assert.Empty(await Answered($"{around}{new string(within, Limits.IdLength)}{around}"));

    /// <summary>No call waits for the reply of a server to an answer or a notification.</summary>
    [Fact]
    public async Task What_a_server_says_to_an_answer_is_read_up_to_64_KB()
    {
        var outbound = new Asking("7");
        await using var servers = Servers(outbound);

        Assert.IsType<OutboundResult.Succeeded>(await Called(servers));

        Assert.Equal(["notifications/initialized", "answer"], outbound.Seen.Where(static seen => seen.Call.MaxResponseBytes <= OutboundLimits.SmallResponseBytes).Select(static seen => seen.Method));
    }

    [Fact]
    public async Task Long_answers_to_a_handshake_and_lists_wait_for_room_in_memory()
    {
        var outbound = new Asking("7");
        await using var servers = Servers(outbound);

        await servers.List(Tenant.Default.Upstream("asking"), Access, CancellationToken.None);

        Assert.Equal(["initialize", "server/discover", "tools/list"], outbound.Seen.Where(static seen => seen.Call.Room is not null).Select(static seen => seen.Method).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_heard_of_a_server_that_is_listened_to_is_bounded()
    {
        var outbound = new Asking("7");
        await using var servers = Servers(outbound);
        await servers.List(Tenant.Default.Upstream("asking"), Access, CancellationToken.None);

        await servers.Listen(Tenant.Default.Upstream("asking"), Access, TimeSpan.FromSeconds(1), CancellationToken.None);

        Assert.Equal(Limits.UpstreamHeardBytes, outbound.Seen.Single(static seen => seen.Call.Listens).Call.MaxResponseBytes);
    }

    /// <summary>Parsed, each value has 24 bytes in memory, so a list of 2 million zeros would be twelve times as long as its text.</summary>
    [Theory]
    [InlineData(Limits.UpstreamValues / 2, true)]
    [InlineData(Limits.UpstreamValues, false)]
    public async Task An_answer_of_very_many_values_is_none(int values, bool isRead)
    {
        await using var servers = Servers(new Asking("7", $"[0{string.Concat(Enumerable.Repeat(",0", values))}]"));

        Assert.Equal(isRead, await Called(servers) is OutboundResult.Succeeded);
    }

    private static McpServers Servers(IOutbound outbound) => new(outbound, [], new SimTimeProvider(), NullLogger<McpServers>.Instance);

    private static async Task<OutboundResult> Called(McpServers servers) => (await servers.Call(
        Tenant.Default.Upstream("asking"), Access, new("route", "{}"u8.ToArray(), Guid.CreateVersion7(), false, new("u1", "a1"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), null, CancellationToken.None))).Result;

    private static async Task<IReadOnlyList<string>> Answered(string id)
    {
        var outbound = new Asking(id);
        await using var servers = Servers(outbound);

        Assert.IsType<OutboundResult.Succeeded>(await Called(servers));

        return outbound.Answers;
    }

    /// <summary>Keeps a session, and asks something in its answer to a tool's call.</summary>
    private sealed class Asking(string id, string output = "{}") : IOutbound
    {
        /// <summary>By their methods; an answer of the client's is <c>answer</c>, and what listens says nothing.</summary>
        public List<(string Method, OutboundCall Call)> Seen { get; } = [];

        /// <summary>Ids of what it was answered.</summary>
        public List<string> Answers { get; } = [];

        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            if (call.Body is not { } body)
            {
                Seen.Add(("", call));
                call.OnEvent!("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"""u8.ToArray());
                return Said(202, "");
            }

            using var message = JsonDocument.Parse(body);
            var of = message.RootElement.TryGetProperty("id", out var said) ? said.GetRawText() : null;
            var method = message.RootElement.TryGetProperty("method", out var named) ? named.GetString()! : "answer";
            Seen.Add((method, call));
            switch (method)
            {
                case "answer":
                    Answers.Add(of!);
                    return Said(202, "");
                case "server/discover":
                    return Said(404, "");
                case "tools/call":
                    call.OnEvent!(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}"""));
                    break;
            }

            return of is null ? Said(202, "") : Said(200, $$$"""{"jsonrpc":"2.0","id":{{{of}}},"result":{"protocolVersion":"2025-11-25","capabilities":{},"tools":[],"structuredContent":{"a":{{{output}}} } } }""");
        }

        private static Task<OutboundResult> Said(int status, string text) => Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(status, Encoding.UTF8.GetBytes(text), 1) { Header = "session-1" });
    }
}
