namespace Agora.Clients.Tests.Models;

/// <summary>Vercel's AI SDK, with each of the three of its providers that the door understands.</summary>
[Collection(nameof(DoorWorld))]
public sealed class VercelTests(DoorWorld world)
{
    private const string Client = "ai";
    private const string Program = "vercel";

    public static TheoryData<string, string> Spoken => new()
    {
        { "openai", "openai" }, { "openai", "anthropic" }, { "openai_chat", "google" }, { "compatible", "openai" }, { "compatible", "anthropic" }, { "anthropic", "anthropic" }, { "anthropic", "openai" },
    };

    [ModelClientTheory(Client, "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic", "zod")]
    [MemberData(nameof(Spoken))]
    public async Task Text_is_generated_and_streamed(string spoken, string model)
    {
        foreach (var walk in (string[])["text", "text_stream"])
        {
            var said = await (await world.Open(model)).WalkAndPay(Program, walk, ("DOOR_SPOKEN", spoken));

            Assert.Equal(DoorWorld.Text, (string?)said["text"]);
        }
    }

    [ModelClientTheory(Client, "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic", "zod")]
    [MemberData(nameof(Spoken))]
    public async Task A_tool_makes_two_steps(string spoken, string model)
    {
        foreach (var walk in (string[])["steps", "steps_stream"])
        {
            var said = await (await world.Open(model)).WalkAndPay(Program, walk, ("DOOR_SPOKEN", spoken));

            Assert.Equal(("""["Oslo"]""", DoorWorld.Text, 2), (said["asked"]!.ToJsonString(), (string?)said["text"], said["usage"]!.AsArray().Count));
        }
    }

    [ModelClientTheory(Client, "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic", "zod")]
    [MemberData(nameof(Spoken))]
    public async Task An_object_follows_its_schema(string spoken, string model)
    {
        var said = await (await world.Open(model)).WalkAndPay(Program, "object", ("DOOR_SPOKEN", spoken));

        Assert.Equal("""{"city":"Oslo","degrees":7}""", said["parsed"]!.ToJsonString());
    }

    /// <summary>It asks again after any 429.</summary>
    [ModelClientTheory(Client, "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic", "zod")]
    [InlineData("openai", 400)]
    [InlineData("openai_chat", 402)]
    [InlineData("compatible", 402)]
    [InlineData("anthropic", 402)]
    public async Task A_budget_without_room_says_so_and_is_not_asked_again(string spoken, int status)
    {
        var said = await (await world.Open("openai", "1")).Walk(Program, "no_budget", ("DOOR_SPOKEN", spoken));

        Assert.Equal((status, 1), ((int)said["status"]!, (int)said["requests"]!));
        Assert.Contains("the session's budget has 1 cents left", (string?)said["message"], StringComparison.Ordinal);
    }
}
