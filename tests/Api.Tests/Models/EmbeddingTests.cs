using System.Text.Json;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Vectors are asked for, held and paid as any call of a model: by what is read, for nothing is written.</summary>
public sealed class EmbeddingTests
{
    private const string Door = "embeddings";

    /// <summary>No buckets but this one are priced for such a model.</summary>
    private static readonly PriceVersion Prices = new(1, DateTimeOffset.UnixEpoch, [new(ModelWorld.Rate.Input, 0)], ModelWorld.Prices.RequestMicros);

    private static long Bound(params int[] bytes) => Prices.Bound(InputBound.Whole + (bytes.Length * InputBound.EachItem) + bytes.Sum(), 0, null, writesCache: false)!.Value;

    private static readonly IReadOnlyList<string> Speaking = ["openai", "openai_chat", "compatible", "google"];

    public static TheoryData<string> Wires => [.. Speaking];

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Vectors_come_as_they_were_made_in_either_form_and_what_was_counted_is_posted(string wire)
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", wire, "embeddings");
        var session = await world.Open();

        var numbers = (await world.Door.Ask(session, Door, """{"model":"vectors","input":["Say something.","ä"],"dimensions":5,"user":"u"}""")).Expect(200);
        var coded = (await world.Door.Ask(session, Door, """{"model":"vectors","input":["Say something.","ä"],"dimensions":5,"encoding_format":"base64"}""")).Expect(200);

        var vectors = numbers.Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray()).ToList();
        Assert.Equal([5, 5], vectors.Select(vector => vector.Length));
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(vectors, coded.Json.GetProperty("data").EnumerateArray().Select(one => Floats(one.GetProperty("embedding").GetBytesFromBase64())));
        Assert.Equal([0, 1], numbers.Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("index").GetInt32()));
        Assert.Equal(("list", "vectors"), (numbers.Json.GetProperty("object").GetString(), numbers.Json.GetProperty("model").GetString()));

        await world.Upstream.Idle();
        var counted = Assert.Single(world.Upstream.Truths.Select(truth => truth.Counts.Input).Distinct());
        Assert.Equal((counted, counted), (numbers.Usage.GetProperty("prompt_tokens").GetInt64(), numbers.Usage.GetProperty("total_tokens").GetInt64()));
        var cost = Prices.Cost(new(Input: counted), null)!.Value;
        Assert.Equal((Bound(14, 2 + 1), cost, null), (numbers.HeldMicros, ModelWorld.Micros(numbers.Header("Agora-Cost-Cents")!), numbers.Header("Agora-Max-Output-Tokens")));
        Assert.Equal((2 * cost, 0), await world.Budget(session));
        await world.NothingIsHeld(session);
        var called = (await world.Concluded(session, numbers.Run)).Model!;
        Assert.Equal((false, new Usage(Input: counted)), (called.IsEstimate, called.Usage));
    }

    [Theory]
    [InlineData("""[1,2,3]""", 3, 1)]
    [InlineData("""[[1,2,3],[4]]""", 4, 2)]
    public async Task Tokens_that_the_client_has_cut_count_one_each_and_Google_takes_none(string input, int tokens, int vectors)
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings");
        await world.PutOther("googles", "google", "embeddings");
        var session = await world.Open();

        var told = (await world.Door.Ask(session, Door, $$"""{"model":"vectors","input":{{input}}}""")).Expect(200);

        Assert.Equal((vectors, Prices.Bound(InputBound.Whole + (vectors * InputBound.EachItem) + tokens, 0, null, false)!.Value), (told.Json.GetProperty("data").GetArrayLength(), told.HeldMicros));
        var cost = Prices.Cost(new(Input: tokens), null)!.Value;
        Assert.Equal((cost, 0), await world.Budget(session));
        (await world.Door.Ask(session, Door, $$"""{"model":"googles","input":{{input}}}""")).Refused(400, "invalid_request");
        Assert.Equal((cost, 0L, 1), ((await world.Budget(session)).Spent, (await world.Budget(session)).Held, world.Upstream.Requests));
    }

    private static readonly IReadOnlyDictionary<string, (Fault Fault, bool IsBound)> Table = new Dictionary<string, (Fault, bool)>
    {
        ["closed before the status line"] = (new Fault.CloseBeforeStatus(), true),
        ["400"] = (new Fault.Status(400), false),
        ["429"] = (new Fault.Status(429), false),
        ["503"] = (new Fault.Status(503), false),
        ["504"] = (new Fault.Status(504), true),
        ["cut in the middle"] = (new Fault.Close(60), true),
        ["usage missing"] = (new Fault.Usage(UsageFault.Missing), true),
        ["usage negative"] = (new Fault.Usage(UsageFault.Negative), true),
        ["usage of strings"] = (new Fault.Usage(UsageFault.Strings), true),
        ["usage beyond 64 bits"] = (new Fault.Usage(UsageFault.Beyond), true),
    };

    public static TheoryData<string> Faults => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_is_not_known_is_posted_as_it_was_held_and_what_did_nothing_is_free(string name)
    {
        var (fault, isBound) = Table[name];
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(fault)] });
        foreach (var wire in Speaking)
        {
            await world.PutOther(wire, wire, "embeddings");
            var session = await world.Open();

            var told = await world.Door.Ask(session, Door, $$"""{"model":"{{wire}}","input":"Say something."}""");

            Assert.Equal((isBound ? Bound(14) : 0, 0L), await world.Budget(session));
            Assert.Equal(isBound, (await world.Concluded(session, told.Run)).Model!.IsEstimate);
            Assert.True(told.Status == (name == "usage missing" ? 200 : told.Status) && (told.Status == 200) == (name == "usage missing"), $"{wire}: {told.Status} {told.Text}");
            Assert.True(told.Status != 200 || !told.Json.TryGetProperty("usage", out _), told.Text);
        }
    }

    [Fact]
    public async Task A_model_is_asked_only_for_what_it_is_for_and_nothing_is_held_or_sent_otherwise()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings");
        await world.PutModel("chats", "openai");
        await world.PutOther("none", "anthropic", "embeddings");
        var session = await world.Open();

        foreach (var dialect in ModelDoorClient.Dialects)
        {
            var told = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "vectors"))).Refused(400, "validation_failed");
            Assert.Contains("POST /openai/v1/embeddings", told.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        var chat = (await world.Door.Ask(session, Door, """{"model":"chats","input":"a"}""")).Refused(400, "validation_failed");
        Assert.Contains("is for chat", chat.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        (await world.Door.Ask(session, Door, """{"model":"none","input":"a"}""")).Refused(400, "invalid_request");
        (await world.Door.Ask(session, Door, """{"model":"nobodys","input":"a"}""")).Refused(404, "not_found");
        (await world.Door.Ask(session, Door, """{"model":"vectors","input":"a","colour":"red"}""")).Expect(400);
        Assert.Equal((0, (0L, 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }

    [Fact]
    public async Task A_call_that_does_not_fit_is_refused_with_what_is_free_and_nothing_is_clamped()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings");
        var session = await world.Open(ModelWorld.Cents(Bound(14) - 1));

        var told = (await world.Door.Ask(session, Door, """{"model":"vectors","input":"Say something."}""")).Refused(402, "budget_exceeded");

        Assert.Equal((Bound(14) - 1, Bound(14)), (ModelWorld.Micros(told.Error.GetProperty("free_cents")), ModelWorld.Micros(told.Error.GetProperty("asked_cents"))));
        Assert.Equal((0, (0L, 0L)), (world.Upstream.Requests, await world.Budget(session)));
        (await world.Door.Ask(session, Door, """{"model":"vectors","input":"Say somethin"}""")).Expect(200);
    }

    [Fact]
    public async Task A_repeat_under_one_key_is_paid_once()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings");
        var session = await world.Open();
        const string Body = """{"model":"vectors","input":"Say something."}""";

        (await world.Door.Ask(session, Door, Body, key: "key-1")).Expect(200);
        (await world.Door.Ask(session, Door, Body, key: "key-1")).Refused(409, "idempotency_conflict");

        Assert.Equal((1, (Prices.Cost(new(Input: (await world.Truth("vectors")).Counts.Input), null)!.Value, 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }

    [Fact]
    public async Task Where_its_provider_did_nothing_another_model_of_its_kind_stands_in_and_none_of_another_kind()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [new FaultRule(new Fault.Status(503)) { When = asked => asked.Model == "first" }] });
        await world.PutModel("chats", "openai");
        await world.PutOther("second", "google", "embeddings");
        await world.PutOther("first", "openai", "embeddings", fallback: "\"chats\",\"second\"");
        var session = await world.Open();

        (await world.Door.Ask(session, Door, """{"model":"first","input":"Say something."}""")).Expect(200);

        await world.Upstream.Idle();
        Assert.DoesNotContain(world.Upstream.Truths, truth => truth.Model == "chats");
        Assert.Equal((Prices.Cost(new(Input: (await world.Truth("second")).Counts.Input), null)!.Value, 0), await world.Budget(session));
    }

    [Fact]
    public async Task An_operator_says_of_it_nothing_of_what_is_written_and_of_a_chat_model_all()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings");

        var shown = (await world.Api.Client.Admin(HttpMethod.Get, "/admin/services/vectors")).Expect(200).Data;
        var offer = shown.GetProperty("model");
        Assert.Equal("embeddings", offer.GetProperty("kind").GetString());
        Assert.All(["max_output_tokens", "default_output_tokens"], member => Assert.True(!offer.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null));

        foreach (var (put, why) in new[]
        {
            ("""{"name":"m","prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1,"output_cents":1}]}]}""", "max_output_tokens"),
            ("""{"name":"m","max_output_tokens":5,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1}]}]}""", "output_cents"),
            ("""{"name":"m","kind":"embeddings","max_output_tokens":5,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1}]}]}""", "max_output_tokens"),
            ("""{"name":"m","kind":"songs","prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1}]}]}""", "kind"),
        })
        {
            var refused = await world.Api.Client.Admin(HttpMethod.Put, "/admin/services/wrong", $$"""{"name":"a","description":"b","category":"model","max_price_cents":1,"endpoint":"model:openai","provider":"maker","model":{{put}}}""");
            Assert.Contains(why, refused.Expect(422).Json.GetRawText(), StringComparison.Ordinal);
        }
    }

    private static float[] Floats(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4))];
}
