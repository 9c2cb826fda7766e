using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

namespace Agora.Api.Tests.Conversations;

/// <summary>A connection is cut at any byte, again and again. Its reader keeps the cursor alone, and has in all what the uncut stream has.</summary>
public sealed class CutTests
{
    private const int Entries = 200;
    private const int Few = 5;

    public static readonly TheoryData<string, int> Readers = new()
    {
        { "poll", 11 }, { "poll", 12 }, { "events", 21 }, { "events", 22 }, { SocketClient.Json, 31 }, { SocketClient.Json, 32 }, { ProtobufFrame.Protocol, 41 }, { ProtobufFrame.Protocol, 42 },
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task What_arrives_in_all_is_the_uncut_stream(string reader, int seed)
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"messages_per_minute":10000,"unacknowledged":10000}""");
        var random = new Random(seed);
        await using var proxy = new CuttingProxy(talk.Api.Client.Address, () => random.Next(1, 6_000));

        // Half of it is there before, half is said while it is read.
        await Say(0, Entries / 2);
        var live = Task.Run(() => Say(Entries / 2, Entries));
        var (told, cursor) = (new List<string>(), (string?)null);
        while (told.Count <= Entries)
        {
            try
            {
                await foreach (var (some, behind) in Read(reader, proxy.Address, talk.Key("b"), cursor))
                {
                    told.AddRange(some);
                    cursor = behind;
                    if (told.Count > Entries) break;
                }
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException or WebSocketException or JsonException)
            {
                // Cut: on behind the cursor.
            }
        }

        await live;
        Assert.InRange(proxy.Cuts, 5, int.MaxValue);
        Assert.Equal((await talk.Told("b", Entries + 1)).Told, told);
        Assert.Equal(Enumerable.Range(0, Entries).Select(n => $"a:{n}"), told.Skip(1));

        async Task Say(int from, int to)
        {
            for (var n = from; n < to; n++) await talk.Say("a", id, n.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static IAsyncEnumerable<(IEnumerable<string> Told, string Behind)> Read(string reader, Uri address, string key, string? after) => reader switch
    {
        "poll" => Poll(address, key, after),
        "events" => Events(address, key, after),
        _ => Socket(reader, address, key, after),
    };

    private static async IAsyncEnumerable<(IEnumerable<string>, string)> Poll(Uri address, string key, string? after)
    {
        using var http = Http(address, key);
        var text = await http.GetStringAsync($"/agent/inbox?limit=7&wait_seconds=20{(after is null ? "" : $"&after={after}")}");
        var data = JsonElement.Parse(text).GetProperty("data");
        yield return (data.GetProperty("entries").EnumerateArray().Select(Talk.Short), data.GetProperty("next_cursor").GetString()!);
    }

    private static async IAsyncEnumerable<(IEnumerable<string>, string)> Events(Uri address, string key, string? after)
    {
        using var http = Http(address, key);
        http.DefaultRequestHeaders.Add("Accept", "text/event-stream");
        if (after is not null)
        {
            http.DefaultRequestHeaders.Add("Last-Event-ID", after);
        }

        using var lines = new StreamReader(await http.GetStreamAsync("/agent/inbox"));
        var (id, data) = ("", (string?)null);
        while (await lines.ReadLineAsync() is { } line)
        {
            // An event counts with the empty line behind it (the HTML standard, section 9.2.6).
            if (line.Length == 0 && data is not null)
            {
                yield return ([Talk.Short(JsonElement.Parse(data))], id);
                data = null;
            }

            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : data;
        }
    }

    /// <summary>A few at a time: a frame that is longer than a connection lives would never arrive whole.</summary>
    private static async IAsyncEnumerable<(IEnumerable<string>, string)> Socket(string protocol, Uri address, string key, string? after)
    {
        await using var socket = await SocketClient.Open(address, key, protocol);
        var isJson = protocol == SocketClient.Json;
        await (isJson ? socket.Listen(after, Few) : socket.Send(ProtobufFrame.Listen(after, Few)));
        while (await socket.NextMessage() is { } message)
        {
            if ((isJson ? Told(JsonElement.Parse(message)) : ProtobufFrame.Told(message)) is not { } frame) continue;

            yield return frame;
            await (isJson ? socket.Send($$"""{"type":"credit","credits":{{frame.Told.Count}}}""") : socket.Send(ProtobufFrame.Credit(frame.Told.Count)));
        }
    }

    private static (IReadOnlyList<string> Told, string Behind)? Told(JsonElement frame) => frame.GetProperty("type").ValueEquals("entries")
        ? ([.. frame.GetProperty("entries").EnumerateArray().Select(Talk.Short)], frame.GetProperty("next_cursor").GetString()!) : null;

    private static HttpClient Http(Uri address, string key) => new() { BaseAddress = address, DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
}
