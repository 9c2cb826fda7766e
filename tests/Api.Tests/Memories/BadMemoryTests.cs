using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Memories;

/// <summary>What is refused of a memory, each with its code, and then nothing is kept, asked or paid.</summary>
public sealed class BadMemoryTests
{
    private static readonly Dictionary<string, (string Body, int Status, string Code)> Kept = new(StringComparer.Ordinal)
    {
        ["no text"] = ("{}", 422, Codes.ValidationFailed),
        ["a blank text"] = ("""{"text":" \n\t "}""", 422, Codes.ValidationFailed),
        ["a text that is none"] = ("""{"text":1}""", 422, Codes.ValidationFailed),
        ["a text that is too long"] = ($$"""{"text":"{{new string('a', 4_001)}}"}""", 422, Codes.ValidationFailed),
        ["letters that nobody sees"] = ("""{"text":"Drinks tea.\udb40\udc49\udb40\udc67"}""", 422, Codes.ValidationFailed),
        ["a direction that is turned"] = ("""{"text":"a\u202eb"}""", 422, Codes.ValidationFailed),
        ["a pin that is none"] = ("""{"text":"a","pinned":"yes"}""", 422, Codes.ValidationFailed),
        ["a member that is not known"] = ("""{"text":"a","source":"chat-1"}""", 422, Codes.ValidationFailed),
        ["a model's id that is none"] = ("""{"text":"a","model":"a b"}""", 400, Codes.MalformedRequest),
        ["a model that is not there"] = ("""{"text":"a","model":"nobody"}""", 404, Codes.NotFound),
        ["a model for chat"] = ("""{"text":"a","model":"chats"}""", 422, Codes.ValidationFailed),
        ["a model whose provider makes no vectors"] = ("""{"text":"a","model":"none"}""", 422, Codes.ValidationFailed),
        ["half a body"] = ("""{"text":""", 400, Codes.MalformedRequest),
    };

    private static readonly Dictionary<string, (string Body, int Status, string Code)> Searched = new(StringComparer.Ordinal)
    {
        ["no query"] = ("{}", 422, Codes.ValidationFailed),
        ["a blank query"] = ("""{"query":" "}""", 422, Codes.ValidationFailed),
        ["a limit of none"] = ("""{"query":"a","limit":0}""", 422, Codes.ValidationFailed),
        ["a limit beyond the most"] = ("""{"query":"a","limit":51}""", 422, Codes.ValidationFailed),
        ["a model that is not there"] = ("""{"query":"a","model":"nobody"}""", 404, Codes.NotFound),
        ["a model for chat"] = ("""{"query":"a","model":"chats"}""", 422, Codes.ValidationFailed),
    };

    [Fact]
    public async Task Whatever_is_wrong_with_one_is_refused_before_it_is_kept_found_or_paid()
    {
        await using var world = await MemoryWorld.Start();
        await world.Models.PutModel("chats", "openai");
        await world.Models.PutOther("none", "anthropic", "embeddings");
        var session = await world.Open();
        var id = await world.Kept(session, "Drinks tea.", model: null);

        foreach (var (name, (body, status, code)) in Kept)
        {
            var kept = await world.Client.Post("/api/v2/memories", session.Token, body);
            Assert.True((status, code) == (kept.Status, kept.Code), $"{name}: {kept.Json}");
            var edited = await world.Client.Send(HttpMethod.Put, $"/api/v2/memories/{id}", session.Token, body);
            Assert.True((status, code) == (edited.Status, edited.Code), $"{name}: {edited.Json}");
        }

        foreach (var (name, (body, status, code)) in Searched)
        {
            var searched = await world.Client.Post("/api/v2/memories/search", session.Token, body);
            Assert.True((status, code) == (searched.Status, searched.Code), $"{name}: {searched.Json}");
        }

        (await world.List(session, "?pinned=perhaps")).Refused(422, Codes.ValidationFailed);
        (await world.List(session, "?limit=0")).Refused(422, Codes.ValidationFailed);
        Assert.Equal(["Drinks tea."], MemoryWorld.Texts(await world.List(session)));
        Assert.Equal((0, (0L, 0L)), (world.Models.Upstream.Requests, await world.Models.Budget(session)));
    }

    [Fact]
    public async Task The_longest_text_in_any_letters_and_several_lines_is_kept_as_it_was_said()
    {
        await using var world = await MemoryWorld.Start();
        var session = await world.Open();
        var text = string.Concat(Enumerable.Repeat("お茶を\n飲む\t\"<\\", 400))[..4_000];

        var id = await world.Kept(session, text);

        Assert.Equal(text, (await world.Get(session, id)).Expect(200).Data.GetProperty("text").GetString());
        Assert.Equal([text], await world.Found(session, "a"));
    }

    public static TheoryData<string, int> Faults => new()
    {
        { "503", 503 },
        { "500", 502 },
        { "cut", 502 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Where_the_model_makes_no_vector_nothing_is_kept(string fault, int status)
    {
        await using var world = await MemoryWorld.Start(script: new() { Faults = [FaultRule.Always(fault == "cut" ? new Fault.Close(60) : new Fault.Status(int.Parse(fault, System.Globalization.CultureInfo.InvariantCulture)))] });
        var session = await world.Open();

        var refused = await world.Keep(session, "Drinks tea.");

        Assert.Equal(status, refused.Status);
        Assert.Equal(0, (await world.List(session)).Expect(200).Data.GetProperty("total_count").GetInt32());
        Assert.Equal(status, (await world.Search(session, "Drinks tea.")).Status);
        await world.Models.NothingIsHeld(session);
    }

    [Fact]
    public async Task A_call_for_a_vector_that_was_paid_and_gave_none_is_named()
    {
        await using var world = await MemoryWorld.Start(script: new() { Faults = [FaultRule.Always(new Fault.Close(60))] });
        var session = await world.Open();
        var paid = 0L;

        foreach (var refused in (Received[])[await world.Keep(session, "Drinks tea."), await world.Search(session, "Drinks tea.")])
        {
            var run = Assert.Single(refused.Error.GetProperty("details").GetProperty("run_ids").EnumerateArray()).GetGuid();
            paid += (await world.Models.Concluded(session, run)).AmountMicros;
        }

        Assert.True(paid > 0);
        Assert.Equal(paid, await world.Models.SpentInTheEnd(session));
    }
}
