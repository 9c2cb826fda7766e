using System.Text.Json.Nodes;
using Agora.ScriptedModels;

namespace Agora.Clients.Tests.Models;

/// <summary>OpenAI's own client for JavaScript.</summary>
[Collection(nameof(DoorWorld))]
public sealed class OpenAiTests(DoorWorld world)
{
    private const string Client = "openai";

    [ModelClientTheory(Client, "zod")]
    [InlineData("openai", "chat")]
    [InlineData("openai", "chat_stream")]
    [InlineData("openai", "responses")]
    [InlineData("openai", "responses_stream")]
    [InlineData("openai-chat", "responses_stream")]
    [InlineData("compatible", "chat_stream")]
    [InlineData("anthropic", "chat")]
    [InlineData("anthropic", "chat_stream")]
    [InlineData("anthropic", "responses")]
    [InlineData("anthropic", "responses_stream")]
    [InlineData("google", "chat_stream")]
    [InlineData("google", "responses")]
    public async Task Text_comes_as_the_model_wrote_it_and_is_paid_as_it_was_counted(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Client, walk);

        Assert.Equal(DoorWorld.Text, (string?)said["text"]);
    }

    [ModelClientTheory(Client, "zod")]
    [InlineData("openai", "chat_tools")]
    [InlineData("openai", "responses_tools")]
    [InlineData("openai-chat", "chat_tools_stream")]
    [InlineData("compatible", "responses_tools")]
    [InlineData("anthropic", "chat_tools")]
    [InlineData("anthropic", "chat_tools_stream")]
    [InlineData("anthropic", "responses_tools")]
    [InlineData("google", "chat_tools")]
    [InlineData("google", "responses_tools")]
    public async Task A_tool_is_called_and_its_result_is_answered(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Client, walk);

        Assert.Equal("""["Oslo"]""", said["asked"]!.ToJsonString());
        Assert.Equal(DoorWorld.Text, (string?)said["text"]);
        Assert.Equal(2, said["usage"]!.AsArray().Count);
    }

    [ModelClientTheory(Client, "zod")]
    [InlineData("openai", "chat_parse")]
    [InlineData("openai", "responses_parse")]
    [InlineData("anthropic", "chat_parse")]
    [InlineData("anthropic", "responses_parse")]
    [InlineData("google", "responses_parse")]
    public async Task What_follows_a_schema_is_parsed(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Client, walk);

        Assert.Equal("""{"city":"Oslo","degrees":7}""", said["parsed"]!.ToJsonString());
    }

    [ModelClientTheory(Client, "zod")]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task A_response_that_is_kept_is_read_again_gone_on_from_and_deleted(string model)
    {
        var said = await (await world.Open(model)).WalkAndPay(Client, "responses_kept");

        Assert.Equal(DoorWorld.Text, (string?)said["text"]);
    }

    [ModelClientFact(Client, "zod")]
    public async Task Models_are_listed_by_their_names()
    {
        var said = await (await world.Open("anthropic")).Walk(Client, "models");

        Assert.Equal("""["anthropic","compatible","google","house-model","openai","openai-chat","vectors-compatible","vectors-google","vectors-openai","voice"]""", said["ids"]!.ToJsonString());
        Assert.Equal("anthropic", (string?)said["one"]);
    }

    /// <summary>It asks for base64 unless it is told otherwise, and reads that as numbers.</summary>
    [ModelClientTheory(Client, "zod")]
    [InlineData("vectors-openai")]
    [InlineData("vectors-compatible")]
    [InlineData("vectors-google")]
    public async Task Vectors_come_in_either_form_and_are_paid_as_they_were_counted(string model)
    {
        var said = await (await world.Open(model)).WalkAndPay(Client, "embeddings");

        Assert.Equal("[5,5]", said["lengths"]!.ToJsonString());
    }

    [ModelClientFact(Client, "zod")]
    public async Task Sound_comes_as_bytes_and_its_characters_are_paid()
    {
        var session = await world.Open("voice");

        var said = await session.Walk(Client, "speech");

        Assert.Equal(("audio/wav", 256), ((string?)said["type"], (int)said["bytes"]!));
        await session.IsPosted([new Counts(Input: DoorWorld.Text.Length)]);
    }

    [ModelClientTheory(Client, "zod")]
    [InlineData("openai")]
    [InlineData("anthropic")]
    [InlineData("google")]
    public async Task What_a_response_would_read_is_counted_for_nothing(string model)
    {
        var said = await (await world.Open(model)).WalkAndPay(Client, "input_tokens");

        Assert.Equal((long)said["counted"]!, (long)said["usage"]![0]!["input"]!);
    }

    [ModelClientFact(Client, "zod")]
    public async Task A_route_that_is_none_is_its_own_kind_of_error()
    {
        var said = await (await world.Open("openai")).Walk(Client, "no_route");

        Assert.Equal((404, "not_found", 1), ((int)said["status"]!, (string?)said["code"], (int)said["requests"]!));
    }

    [ModelClientFact(Client, "zod")]
    public async Task Headers_say_what_was_held_and_what_it_cost()
    {
        var session = await world.Open("openai");

        var headers = (await session.WalkAndPay(Client, "chat"))["headers"]!;

        var cost = (await session.Counted()).Sum(DoorWorld.Micros) / 10_000m;
        Assert.Equal(cost, Cents(headers, "agora-cost-cents"));
        Assert.InRange(Cents(headers, "agora-held-cents"), cost, 1);
        Assert.Equal("200", (string?)headers["agora-max-output-tokens"]);
        Assert.Equal(100 - Cents(headers, "agora-held-cents"), Cents(headers, "agora-budget-remaining-cents"));
        Assert.True(Guid.TryParse((string?)headers["agora-run-id"], out _));
    }

    [ModelClientTheory(Client, "zod")]
    [InlineData("no_token", 401, "unauthorized")]
    [InlineData("no_model", 404, "not_found")]
    public async Task What_is_refused_is_its_own_kind_of_error_and_is_not_sent_again(string walk, int status, string code)
    {
        var said = await (await world.Open("openai")).Walk(Client, walk);

        Assert.Equal((status, code, 1), ((int)said["status"]!, (string?)said["code"], (int)said["requests"]!));
    }

    /// <summary>20,000 bytes are held as as many tokens, which alone are two cents.</summary>
    [ModelClientTheory(Client, "zod")]
    [InlineData("no_budget", 402)]
    [InlineData("no_budget_responses", 400)]
    public async Task A_budget_without_room_says_so_and_is_not_asked_again(string walk, int status)
    {
        var session = await world.Open("openai", "1");

        var said = await session.Walk(Client, walk);

        Assert.Equal((status, "budget_exceeded", "insufficient_quota", 1), ((int)said["status"]!, (string?)said["code"], (string?)said["type"], (int)said["requests"]!));
        Assert.Contains("the session's budget has 1 cents left. No answer would fit", (string?)said["message"], StringComparison.Ordinal);
        Assert.Equal((1, 0), ((int)said["error"]!["free_cents"]!, (int)said["error"]!["max_tokens_that_pass"]!));
        await session.IsPosted([]);
    }

    [ModelClientTheory(Client, "zod")]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task A_client_that_leaves_in_mid_stream_pays_what_the_provider_counted(string model)
    {
        world.Provider.Script = DoorWorld.Usual with { Reply = Reply.OfTokens(100), Choose = null, Delivery = new() { ChunkCharacters = 16, Pause = TimeSpan.FromMilliseconds(20) } };
        try
        {
            var session = await world.Open(model);
            await session.Walk(Client, "leaves");

            var counted = Assert.Single(await session.Counted());
            Assert.Equal(100, counted.AllOutput);
            await session.IsOver();
            await session.IsPosted([counted]);
        }
        finally
        {
            world.Provider.Script = DoorWorld.Usual;
        }
    }

    private static decimal Cents(JsonNode headers, string name) => decimal.Parse((string)headers[name]!, System.Globalization.CultureInfo.InvariantCulture);
}
