using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>A response in the background that nobody wants any more: it is shown no further, to nobody, and costs what its provider counts.</summary>
public sealed class CancelledReplyTests
{
    private const string Streamed = """{"model":"m","input":"Say something.","max_output_tokens":200,"stream":true,"background":true}""";
    private const string Whole = """{"model":"m","input":"Say something.","max_output_tokens":200,"background":true}""";

    [Fact]
    public async Task A_stream_ends_where_it_was_and_says_the_same_to_whoever_made_it_and_to_whoever_reads_it_again()
    {
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(60), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(30) } });
        await world.PutModel("m", "openai");
        var session = await world.Open();

        var (id, making, following) = await Begun(world, session, session);
        var cancelled = await Cancel(world, session, id);
        var again = await Cancel(world, session, id);

        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        Assert.Equal(cancelled.GetRawText(), again.GetRawText());
        var (told, followed, read) = (await making, await following, await world.Door.Get(session, $"/openai/v1/responses/{id}?stream=true"));
        Assert.Equal(told, followed);
        Assert.Equal(told, read);
        Assert.Contains("event: response.incomplete", told, StringComparison.Ordinal);
        Assert.DoesNotContain("event: response.completed", told, StringComparison.Ordinal);
        Assert.Equal(cancelled.GetRawText(), JsonDocument.Parse(await world.Door.Get(session, $"/openai/v1/responses/{id}")).RootElement.GetRawText());
        Assert.Equal(ModelWorld.Cost((await world.Truth("m")).Counts), await world.SpentInTheEnd(session));
        await world.NothingIsHeld(session);
        Assert.Equal(400, (await world.Door.Ask(session, "responses", $$"""{"model":"m","input":"And?","previous_response_id":"{{id}}"}""")).Status); // half of a reply is gone on from by nobody
    }

    [Fact]
    public async Task Streams_of_one_that_is_deleted_end_as_if_it_was_cancelled()
    {
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(400), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(30) } });
        await world.PutModel("m", "openai");
        var session = await world.Open();
        var (id, making, following) = await Begun(world, session, session);

        Assert.Equal(200, (await world.Door.Send(session, HttpMethod.Delete, $"/openai/v1/responses/{id}")).Status);

        foreach (var told in new[] { await making, await following })
        {
            Assert.Contains("event: response.incomplete", told, StringComparison.Ordinal);
            Assert.DoesNotContain("event: response.completed", told, StringComparison.Ordinal);
        }

        Assert.Equal(404, (await world.Door.Send(session, HttpMethod.Get, $"/openai/v1/responses/{id}")).Status);
    }

    [Fact]
    public async Task Whoever_is_not_let_in_any_more_is_shown_no_more_of_one_and_it_goes_on()
    {
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(200), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(20) } });
        await world.PutModel("m", "openai");
        var (session, other) = (await world.Open(user: "ann"), await world.Open(user: "ann"));
        var (id, _, there) = await Begun(world, session, other);
        var here = world.Door.Get(session, $"/openai/v1/responses/{id}?stream=true");
        await Task.Delay(500);

        (await world.Api.Client.Send(HttpMethod.Delete, "/agent/session", session.Token)).Expect(200);

        Assert.DoesNotContain("event: response.completed", await here, StringComparison.Ordinal);
        Assert.Contains("event: response.completed", await there, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_comes_whole_is_not_kept_and_is_paid()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await ModelWorld.Start(new() { Choose = _ => new Reply { Until = gate.Task } });
        await world.PutModel("m", "openai");
        var session = await world.Open();
        var id = (await world.Door.Ask(session, "responses", Whole)).Expect(200).Json.GetProperty("id").GetString()!;

        var cancelled = await Cancel(world, session, id);
        gate.SetResult();

        Assert.Equal(("cancelled", 0), (cancelled.GetProperty("status").GetString(), cancelled.GetProperty("output").GetArrayLength()));
        Assert.Equal(ModelWorld.Cost((await world.Truth("m")).Counts), await world.SpentInTheEnd(session));
        Assert.Equal(cancelled.GetRawText(), JsonDocument.Parse(await world.Door.Get(session, $"/openai/v1/responses/{id}")).RootElement.GetRawText());
    }

    [Fact]
    public async Task One_that_has_ended_stays_as_it_is_and_one_that_was_waited_for_is_refused()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        var (session, other) = (await world.Open(user: "ann"), await world.Open(user: "bob"));
        var ended = (await world.Door.Ask(session, "responses", Streamed)).Expect(200).Run;
        var waited = (await world.Door.Ask(session, "responses", """{"model":"m","input":"Say something."}""")).Expect(200).Json.GetProperty("id").GetString()!;

        Assert.Equal("completed", (await Cancel(world, session, $"resp_{ended:N}")).GetProperty("status").GetString());
        Assert.Equal((400, 404, 404), (await Status(world, session, waited), await Status(world, session, "resp_none"), await Status(world, other, $"resp_{ended:N}")));
    }

    /// <summary>One that comes as it is made for half a second, and what is told of it to whoever made it and to a follower.</summary>
    private static async Task<(string Id, Task<string> Making, Task<string> Following)> Begun(ModelWorld world, ModelSession maker, ModelSession follower)
    {
        var made = await world.Door.Begin(maker, "responses", Streamed);
        var id = $"resp_{Guid.Parse(made.Headers.GetValues("Agora-Run-Id").Single()):N}";
        var following = world.Door.Get(follower, $"/openai/v1/responses/{id}?stream=true");
        var making = Read(made);
        await Task.Delay(500);
        return (id, making, following);

        static async Task<string> Read(HttpResponseMessage made)
        {
            using (made) return await made.Content.ReadAsStringAsync();
        }
    }

    private static async Task<JsonElement> Cancel(ModelWorld world, ModelSession session, string id)
    {
        var (status, body) = await world.Door.Send(session, HttpMethod.Post, $"/openai/v1/responses/{id}/cancel");
        Assert.True(status == 200, body);
        return JsonDocument.Parse(body).RootElement;
    }

    private static async Task<int> Status(ModelWorld world, ModelSession session, string id) => (await world.Door.Send(session, HttpMethod.Post, $"/openai/v1/responses/{id}/cancel")).Status;
}
