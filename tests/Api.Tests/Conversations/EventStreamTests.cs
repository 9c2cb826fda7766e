using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Conversations;

/// <summary>An inbox as server-sent events, as a reader of another maker would read them: by lines.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task What_is_told_comes_as_it_happens_and_a_connection_that_breaks_anywhere_loses_and_repeats_nothing()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        for (var n = 0; n < 12; n++)
        {
            await talk.Say("a", id, $"m{n}");
        }

        var whole = (await talk.Told("b", 13)).Told;
        var (told, last) = (new List<string>(), (string?)null);
        for (var cut = 1; told.Count < whole.Count; cut++)
        {
            await using var stream = await Open(talk, "b", last);
            using var lines = new StreamReader(stream);
            for (var events = 0; events < (cut % 3) + 1 && told.Count < whole.Count; events++)
            {
                (last, var entry) = await Next(lines);
                told.Add(Talk.Short(entry));
            }
        }

        Assert.Equal(whole, told);
        await using var live = await Open(talk, "b", last);
        using var more = new StreamReader(live);
        await talk.Say("a", id, "later");
        Assert.Equal("a:\"later\"", Talk.Short((await Next(more)).Entry).Replace("later", "\"later\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/agent/inbox?after=now")]
    [InlineData("/streams/{0}?offset=now&live=sse")]
    public async Task What_is_said_after_the_readers_key_was_revoked_is_told_no_more_and_the_stream_ends(string path)
    {
        var time = new MovedTimestamps();
        await using var talk = await Talk.Of(await RunningApi.Start(time: time), "a", "b");
        var id = await talk.Open("a", ["b"]);
        var request = new HttpRequestMessage(HttpMethod.Get, string.Format(CultureInfo.InvariantCulture, path, id)) { Headers = { { "Accept", "text/event-stream" } } };
        request.Headers.Authorization = new("Bearer", talk.Key("b"));
        using var http = new HttpClient { BaseAddress = talk.Api.Client.Address };
        using var lines = new StreamReader(await (await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode().Content.ReadAsStreamAsync());
        await talk.Say("a", id, "before");
        while (!(await lines.ReadLineAsync())!.Contains("before", StringComparison.Ordinal)) ;
        var key = (await talk.Api.Client.Admin(HttpMethod.Get, "/admin/agents/b/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
        (await talk.Api.Client.Admin(HttpMethod.Delete, $"/admin/agents/b/keys/{key}")).Expect(200);
        time.Move(TalkLimits.CredentialEvery);

        await talk.Say("a", id, "after");

        Assert.DoesNotContain("after", await lines.ReadToEndAsync().WaitAsync(Hang.Timeout), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_is_no_cursor_is_refused_before_the_stream_begins()
    {
        await using var talk = await Talk.Among("a");
        using var request = Request(talk, "a", "tomorrow");
        Assert.Equal(Codes.ValidationFailed, (await talk.Api.Client.Send(request, talk.Key("a"))).Code);
    }

    private static async Task<Stream> Open(Talk talk, string agent, string? last)
    {
        using var http = new HttpClient { BaseAddress = talk.Api.Client.Address };
        var request = Request(talk, agent, last);
        request.Headers.Authorization = new("Bearer", talk.Key(agent));
        var reply = await new HttpClient { BaseAddress = talk.Api.Client.Address }.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.MediaType);
        return await reply.Content.ReadAsStreamAsync();
    }

    private static HttpRequestMessage Request(Talk talk, string agent, string? last)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(talk.Api.Client.Address, "/agent/inbox"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        return request;
    }

    private static async Task<(string Id, JsonElement Entry)> Next(StreamReader lines)
    {
        string? id = null;
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }

            if (line.StartsWith("data: ", StringComparison.Ordinal)) return (id!, JsonElement.Parse(line[6..]));
        }

        throw new EndOfStreamException();
    }
}
