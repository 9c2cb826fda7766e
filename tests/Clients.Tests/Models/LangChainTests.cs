namespace Agora.Clients.Tests.Models;

/// <summary>LangChain for JavaScript, with its provider for OpenAI.</summary>
[Collection(nameof(DoorWorld))]
public sealed class LangChainTests(DoorWorld world)
{
    private const string Program = "langchain";

    [ModelClientTheory("langchain", "@langchain/openai", "zod")]
    [InlineData("openai", "invoke")]
    [InlineData("anthropic", "invoke")]
    [InlineData("openai", "stream")]
    [InlineData("google", "stream")]
    public async Task Text_comes_as_the_model_wrote_it_and_is_paid_as_it_was_counted(string model, string walk) =>
        Assert.Equal(DoorWorld.Text, (string?)(await (await world.Open(model)).WalkAndPay(Program, walk))["text"]);

    [ModelClientTheory("langchain", "@langchain/openai", "zod")]
    [InlineData("openai", "agent")]
    [InlineData("anthropic", "agent")]
    [InlineData("openai", "agent_by_responses")]
    [InlineData("google", "agent_by_responses")]
    public async Task An_agent_calls_its_tool_and_answers(string model, string walk)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, walk);

        Assert.Equal(("""["Oslo"]""", DoorWorld.Text), (said["asked"]!.ToJsonString(), (string?)said["text"]));
    }

    [ModelClientTheory("langchain", "@langchain/openai", "zod")]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task An_object_follows_its_schema(string model) =>
        Assert.Equal("""{"city":"Oslo","degrees":7}""", (await (await world.Open(model)).WalkAndPay(Program, "object"))["parsed"]!.ToJsonString());

    [ModelClientFact("langchain", "@langchain/openai", "zod")]
    public async Task A_budget_without_room_says_so_and_is_not_asked_again()
    {
        var said = await (await world.Open("openai", "1")).Walk(Program, "no_budget");

        Assert.Equal((402, "budget_exceeded", 1), ((int)said["status"]!, (string?)said["code"], (int)said["requests"]!));
        Assert.Contains("the session's budget has 1 cents left", (string?)said["message"], StringComparison.Ordinal);
    }
}
