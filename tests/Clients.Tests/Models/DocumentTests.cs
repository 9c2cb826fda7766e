namespace Agora.Clients.Tests.Models;

/// <summary>What docs/models.md shows of clients. Its configuration of Codex is that of <see cref="CodexTests"/>.</summary>
[Collection(nameof(DoorWorld))]
public sealed class DocumentTests(DoorWorld world)
{
    [ModelClientFact("openai", "@anthropic-ai/sdk", "ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic", "@langchain/openai")]
    public async Task Every_program_of_it_is_answered()
    {
        Assert.Equal(5, Manual.Programs.Count);
        foreach (var program in Manual.Programs)
        {
            var session = await world.Open(Manual.Model);
            var (exitCode, output, errors) = await NodeProgram.Ended(
                DoorSession.Folder, "", ["--input-type=module", "-e", Manual.At(program, world.Url)], ("AGORA_TOKEN", session.Token));

            Assert.True(exitCode == 0, program + errors);
            Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(DoorWorld.Text, line));
            Assert.NotEmpty(await session.Counted());
        }
    }
}
