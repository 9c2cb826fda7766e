using System.Text.Json;
using Agora.A2a;
using Agora.Api.Tests.Conversations;

namespace Agora.Api.Tests.A2a;

/// <summary>A stream of a task is cut wherever: by the number of the last event that came, what arrives in all is the uncut stream.</summary>
public sealed class ResumeTests
{
    private const int Chunks = 40;

    /// <summary>Submitted, working, the chunks, completed.</summary>
    private const int Events = Chunks + 3;

    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(53)]
    public async Task What_arrives_in_all_is_the_uncut_stream(int seed)
    {
        await using var asking = await Asking.Begin();
        var random = new Random(seed);
        await using var proxy = new CuttingProxy(asking.Talk.Api.Client.Address, () => random.Next(200, 6_000));
        var id = (await asking.SendMessage(Asking.AtOnce($"count {Chunks}", "m-1"))).Task.GetProperty("id").GetString();
        Task? serving = null;

        var (told, first) = (new SortedDictionary<long, string>(), 0L);
        for (var last = (long?)null; last != Events;)
        {
            try
            {
                await foreach (var heard in asking.Events($"/tasks/{id}:subscribe", null, proxy.Address, last is null ? [] : [("Last-Event-ID", $"{last}")]))
                {
                    Assert.True(last is null || heard.Id == last || heard.Id == last + 1, $"{heard.Id} behind {last}");
                    serving ??= asking.Serve(1); // of a task that is over before anything was heard nothing is told
                    first = first == 0 ? heard.Id : first;
                    if (!heard.Data.TryGetProperty("task", out _))
                    {
                        told.Add(heard.Id, heard.Data.GetRawText());
                    }

                    last = heard.Id;
                }
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException or JsonException)
            {
                // Cut: on behind the event.
            }
        }

        await serving!;
        var uncut = await Behind(asking, id!, first);
        Assert.InRange(proxy.Cuts, 3, int.MaxValue);
        Assert.Equal(uncut.Skip(1).Select(one => (one.Id, one.Data.GetRawText())), told.Select(one => (one.Key, one.Value)));
        Assert.Equal(Enumerable.Range((int)first + 1, Events - (int)first), told.Keys.Select(number => (int)number));
    }

    [Fact]
    public async Task Behind_each_event_comes_the_task_as_it_stood_and_all_that_followed()
    {
        await using var asking = await Asking.Begin();
        var serving = asking.Serve(1);
        var whole = new List<A2aEvent>();
        await foreach (var told in asking.Events("/message:stream", Asking.Message("count 4", "m-1"))) whole.Add(told);
        await serving;
        var id = whole[0].Data.GetProperty("task").GetProperty("id").GetString()!;

        Assert.Equal(Enumerable.Range(1, 7), whole.Select(told => (int)told.Id));
        for (var after = 1; after <= whole.Count; after++)
        {
            var behind = await Behind(asking, id, after);
            Assert.Equal(whole.Skip(after).Select(told => told.Data.GetRawText()), behind.Skip(1).Select(told => told.Data.GetRawText()));
            var task = behind[0].Data.GetProperty("task");
            Assert.Equal(after, task.GetProperty("metadata").GetProperty(Sequence.Uri).GetProperty("sequence").GetInt32());
            Assert.Equal(Math.Clamp(after - 2, 0, 4), task.GetProperty("artifacts").EnumerateArray().Sum(artifact => artifact.GetProperty("parts").GetArrayLength()));
            Assert.Equal(after switch { 1 => "SUBMITTED", 7 => "COMPLETED", _ => "WORKING" }, A2aReply.StateOf(task));
        }
    }

    [Fact]
    public async Task The_same_message_goes_on_where_its_stream_was_cut()
    {
        await using var asking = await Asking.Begin();
        var serving = asking.Serve(1);
        var body = Asking.Message("count 4", "m-1");
        var heard = new List<long>();
        await foreach (var told in asking.Events("/message:stream", body))
        {
            heard.Add(told.Id);
            if (told.Id == 3) break; // its client is gone
        }

        await foreach (var told in asking.Events("/message:stream", body, null, ("Last-Event-ID", "3"))) heard.Add(told.Id);
        await serving;

        Assert.Equal([1, 2, 3, 3, 4, 5, 6, 7], heard);
    }

    [Theory]
    [InlineData("99")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task An_event_that_the_task_does_not_have_is_refused(string last)
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("silent", "m-1"))).Task.GetProperty("id").GetString();

        var refused = await asking.Rest(HttpMethod.Post, $"/tasks/{id}:subscribe", null, "a", ("Last-Event-ID", last));

        Assert.Equal((400, "INVALID_PARAMS"), (refused.Status, refused.Reason));
    }

    [Fact]
    public async Task Who_does_not_ask_for_the_extension_is_told_nothing_of_it()
    {
        await using var asking = await Asking.Begin();
        var plain = await asking.SendMessage(Asking.AtOnce("silent", "m-1"));
        var wanted = await asking.SendMessage(Asking.AtOnce("silent", "m-1"), "a", ("A2A-Extensions", $"https://example.com/other, {Sequence.Uri}"));

        Assert.False(plain.Task.TryGetProperty("metadata", out _) || plain.Headers.Contains("A2A-Extensions"));
        Assert.Equal(1, wanted.Task.GetProperty("metadata").GetProperty(Sequence.Uri).GetProperty("sequence").GetInt32());
        Assert.Equal([Sequence.Uri], wanted.Headers.GetValues("A2A-Extensions"));
    }

    private static async Task<List<A2aEvent>> Behind(Asking asking, string id, long after)
    {
        var all = new List<A2aEvent>();
        await foreach (var told in asking.Events($"/tasks/{id}:subscribe", null, null, ("Last-Event-ID", $"{after}"))) all.Add(told);
        return all;
    }
}
