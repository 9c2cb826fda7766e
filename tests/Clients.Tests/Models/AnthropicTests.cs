namespace Agora.Clients.Tests.Models;

/// <summary>Anthropic's own client for JavaScript.</summary>
[Collection(nameof(DoorWorld))]
public sealed class AnthropicTests(DoorWorld world)
{
    private const string Client = "@anthropic-ai/sdk";
    private const string Program = "anthropic";

    [ModelClientTheory(Client)]
    [InlineData("anthropic", "messages")]
    [InlineData("anthropic", "messages_with_bearer")]
    [InlineData("anthropic", "messages_stream")]
    [InlineData("openai", "messages")]
    [InlineData("openai", "messages_stream")]
    [InlineData("compatible", "messages_stream")]
    [InlineData("google", "messages")]
    [InlineData("google", "messages_stream")]
    public async Task Text_comes_as_the_model_wrote_it_and_is_paid_as_it_was_counted(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, walk);

        Assert.Equal(DoorWorld.Text, (string?)said["text"]);
    }

    [ModelClientTheory(Client)]
    [InlineData("anthropic", "tools")]
    [InlineData("anthropic", "tools_stream")]
    [InlineData("openai", "tools")]
    [InlineData("openai", "tools_stream")]
    [InlineData("openai-chat", "tools")]
    [InlineData("google", "tools_stream")]
    public async Task A_tool_is_called_and_its_result_is_answered(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, walk);

        Assert.Equal("""["Oslo"]""", said["asked"]!.ToJsonString());
        Assert.Equal((DoorWorld.Text, 2), ((string?)said["text"], said["usage"]!.AsArray().Count));
    }

    /// <summary>The provider refuses a thought that does not come back as it was, so that it is answered says that it did.</summary>
    [ModelClientTheory(Client)]
    [InlineData("anthropic", "thinking")]
    [InlineData("anthropic", "thinking_stream")]
    [InlineData("openai", "thinking")]
    [InlineData("openai", "thinking_stream")]
    [InlineData("google", "thinking")]
    public async Task Thoughts_are_shown_and_go_back_with_the_result_of_a_tool(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, walk);

        Assert.Equal(("Oslo is in Norway.", DoorWorld.Text), ((string?)said["thoughts"]![0], (string?)said["text"]));
    }

    /// <summary>It first asks for a conversation that the server holds, which costs nothing, and goes on without.</summary>
    [ModelClientTheory(Client)]
    [InlineData("anthropic")]
    [InlineData("openai")]
    public async Task The_SDKs_tool_runner_goes_on_without_a_thread(string model)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, "tool_runner");

        Assert.Equal(("""["Oslo"]""", DoorWorld.Text), (said["asked"]!.ToJsonString(), (string?)said["text"]));
    }

    [ModelClientTheory(Client)]
    [InlineData("anthropic")]
    [InlineData("openai")]
    [InlineData("google")]
    public async Task What_a_message_would_read_is_counted_for_nothing(string model)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, "count_tokens");

        Assert.Equal((long)said["counted"]!, (long)said["usage"]![0]!["input"]!);
    }

    [ModelClientFact(Client)]
    public async Task A_route_that_is_none_is_its_own_kind_of_error()
    {
        var said = await (await world.Open("anthropic")).Walk(Program, "no_route");

        Assert.Equal((404, "not_found_error", "not_found", 1), ((int)said["status"]!, (string?)said["type"], (string?)said["error"]!["code"], (int)said["requests"]!));
    }

    [ModelClientFact(Client)]
    public async Task Models_are_listed_by_their_names()
    {
        var said = await (await world.Open("openai")).Walk(Program, "models");

        Assert.Equal("""["anthropic","compatible","google","house-model","openai","openai-chat","vectors-compatible","vectors-google","vectors-openai","voice"]""", said["ids"]!.ToJsonString());
        Assert.Equal("openai", (string?)said["one"]);
    }

    [ModelClientTheory(Client)]
    [InlineData("no_token", 401, "authentication_error", "unauthorized")]
    [InlineData("no_model", 404, "not_found_error", "not_found")]
    public async Task What_is_refused_is_its_own_kind_of_error_and_is_not_sent_again(string walk, int status, string type, string code)
    {
        var said = await (await world.Open("openai")).Walk(Program, walk);

        Assert.Equal((status, type, code, 1), ((int)said["status"]!, (string?)said["type"], (string?)said["error"]!["code"], (int)said["requests"]!));
    }

    [ModelClientTheory(Client)]
    [InlineData("no_budget")]
    [InlineData("no_budget_stream")]
    public async Task A_budget_without_room_says_so_and_is_not_asked_again(string walk)
    {
        var session = await world.Open("anthropic", "1");

        var said = await session.Walk(Program, walk);

        Assert.Equal((402, "billing_error", "budget_exceeded", 1), ((int)said["status"]!, (string?)said["type"], (string?)said["error"]!["code"], (int)said["requests"]!));
        Assert.Contains("the session's budget has 1 cents left. No answer would fit", (string?)said["message"], StringComparison.Ordinal);
        await session.IsPosted([]);
    }
}
