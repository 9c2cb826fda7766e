using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Sound is passed on as it comes, and costs by the characters that were sent, whatever becomes of it.</summary>
public sealed class SpeechTests
{
    private const string Door = "speech";
    private const string Body = """{"model":"voice","input":"Grüß Gott.","voice":"alloy","instructions":"Slowly.","speed":1.5}""";
    private const int Characters = 10 + 7;

    private static readonly PriceVersion Prices = new(1, DateTimeOffset.UnixEpoch, [new(ModelWorld.Rate.Input, 0)], ModelWorld.Prices.RequestMicros);
    private static readonly long Cost = Prices.Cost(new(Input: Characters), null)!.Value;
    private static readonly byte[] Sound = [.. Enumerable.Range(0, 200_000).Select(i => (byte)((i * 7) & 0xFF))];

    [Theory]
    [InlineData("openai", "", "audio/mpeg")]
    [InlineData("openai_chat", ",\"response_format\":\"mp3\",\"stream_format\":\"audio\"", "audio/mpeg")]
    [InlineData("compatible", ",\"response_format\":\"wav\"", "audio/wav")]
    [InlineData("openai", ",\"response_format\":\"opus\"", "audio/opus")]
    [InlineData("openai", ",\"response_format\":\"pcm\"", "audio/pcm")]
    public async Task Sound_comes_byte_by_byte_as_it_was_made_and_its_characters_are_posted(string wire, string more, string type)
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Audio = Sound, Delivery = new() { Pieces = new(3, 1_000, 30_000, TimeSpan.Zero) } } });
        await world.PutOther("voice", wire, "speech");
        var session = await world.Open();

        using var reply = await world.Door.Begin(session, Door, Body.Replace("}", more + "}", StringComparison.Ordinal));
        var sound = await reply.Content.ReadAsByteArrayAsync();

        Assert.Equal((200, type), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType));
        Assert.True(Sound.AsSpan().SequenceEqual(sound), $"{sound.Length} bytes came.");
        Assert.Equal((Cost, (Cost, 0L)), (ModelWorld.Micros(reply.Headers.GetValues("Agora-Held-Cents").Single()), await world.Budget(session)));
        var called = (await world.Concluded(session, Guid.Parse(reply.Headers.GetValues("Agora-Run-Id").Single()))).Model!;
        Assert.Equal((false, new Usage(Input: Characters)), (called.IsEstimate, called.Usage));
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task What_is_cut_within_costs_the_whole_and_its_client_sees_that_it_was_cut()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Audio = Sound }, Faults = [FaultRule.Always(new Fault.Close(150_000))] });
        await world.PutOther("voice", "openai", "speech");
        var session = await world.Open();

        using var reply = await world.Door.Begin(session, Door, Body);
        await Assert.ThrowsAnyAsync<Exception>(() => reply.Content.ReadAsByteArrayAsync());

        Assert.Equal((200, Cost), ((int)reply.StatusCode, await world.SpentInTheEnd(session)));
        var called = await world.Concluded(session, Guid.Parse(reply.Headers.GetValues("Agora-Run-Id").Single()));
        Assert.Equal((false, "upstream_failed"), (called.Model!.IsEstimate, called.Model.FailureCode));
    }

    public static TheoryData<string> Faults => ["400", "503", "closed before the status line", "504", "a page"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_did_nothing_is_free_and_what_is_not_known_costs_what_was_held(string name)
    {
        var (fault, spent) = name switch
        {
            "400" => ((Fault)new Fault.Status(400), 0L),
            "503" => (new Fault.Status(503), 0L),
            "504" => (new Fault.Status(504), Cost),
            "a page" => (new Fault.ContentType("text/html"), Cost),
            _ => (new Fault.CloseBeforeStatus(), Cost),
        };
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(fault)] });
        await world.PutOther("voice", "compatible", "speech");
        var session = await world.Open();

        var told = await world.Door.Ask(session, Door, Body);

        Assert.True(told.Status >= 400, told.Text);
        Assert.Equal((spent, 0L), await world.Budget(session));
        Assert.Equal(spent > 0, (await world.Concluded(session, told.Run)).Model!.IsEstimate);
    }

    [Fact]
    public async Task What_nobody_could_do_is_refused_before_anything_is_held()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("voice", "openai", "speech");
        await world.PutOther("googles", "google", "speech");
        await world.PutModel("chats", "openai");
        var session = await world.Open();

        (await world.Door.Ask(session, Door, Body.Replace("}", ",\"stream_format\":\"sse\"}", StringComparison.Ordinal))).Refused(400, "invalid_request");
        (await world.Door.Ask(session, Door, Body.Replace("\"model\":\"voice\"", "\"model\":\"googles\"", StringComparison.Ordinal))).Refused(400, "invalid_request");
        (await world.Door.Ask(session, Door, Body.Replace("\"model\":\"voice\"", "\"model\":\"chats\"", StringComparison.Ordinal))).Refused(400, "validation_failed");
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "voice"))).Refused(400, "validation_failed");
        (await world.Door.Ask(session, "embeddings", """{"model":"voice","input":"a"}""")).Refused(400, "validation_failed");
        (await world.Door.Ask(session, Door, $$"""{"model":"voice","voice":"alloy","input":"{{new string('a', 4_097)}}"}""")).Refused(400, "invalid_request");

        Assert.Equal((0, (0L, 0L)), (world.Upstream.Requests, await world.Budget(session)));
        (await world.Door.Ask(await world.Open(ModelWorld.Cents(Cost - 1)), Door, Body)).Refused(402, "budget_exceeded");
        Assert.Equal(0, world.Upstream.Requests);
    }
}
