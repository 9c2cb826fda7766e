using System.Text.Json.Nodes;

namespace Agora.Clients.Tests;

/// <summary>The text summarizer of each client: it keeps the contract, and what it prints of itself is what an operator puts.</summary>
[Collection(nameof(ClientWorld))]
public sealed class ProviderTests(ClientWorld world)
{
    private const string Text = """{"text":"One sentence. Another sentence. A third one, which is longer than both.","max_length":40}""";

    [InterpreterFact("python3")]
    public Task The_service_in_Python_keeps_the_contract_and_is_run() => KeepsTheContract("clients/python", "python3", "examples/text_summarizer.py");

    [NodePackagesFact]
    public async Task The_service_in_TypeScript_keeps_the_contract_and_is_run()
    {
        await TypeScript.Compile();
        await KeepsTheContract("clients/typescript", "node", "dist/examples/text-summarizer.js");
    }

    [Fact]
    public Task The_service_in_CSharp_keeps_the_contract_and_is_run()
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        return KeepsTheContract("samples/TextSummarizer", "dotnet", Path.GetFullPath(Path.Combine(mine.FullName, "..", "..", "TextSummarizer", mine.Name, "Agora.Samples.TextSummarizer.dll")));
    }

    private async Task KeepsTheContract(string folder, params string[] command)
    {
        var address = ClientWorld.FreeAddress();
        var settings = new Dictionary<string, string>(world.Settings) { ["PYTHONPATH"] = "src" };
        var definition = JsonNode.Parse(await ClientProgram.Run(folder, settings, [.. command, "--definition", $"{address.Port}"]))!;
        var endpoint = (string)definition["endpoint"]!;
        Assert.Equal(address.Port, new Uri(endpoint).Port);
        using var service = await ClientProgram.Begin(folder, settings, [.. command, $"{address.Port}"]);
        try
        {
            var (exitCode, said) = await world.CheckService(endpoint, Text);
            Assert.True(exitCode == 0, said);
            Assert.Contains("ok      the same Idempotency-Key twice has one outcome", said, StringComparison.Ordinal);
            Assert.Contains("ok      a wrong signature is refused", said, StringComparison.Ordinal);
            (exitCode, said) = await world.CheckService(endpoint.Replace("text-summarizer", "text-sentences", StringComparison.Ordinal), Text);
            Assert.True(exitCode == 0, said);

            var id = $"summarizer-{folder.Split('/')[^1]}";
            await world.Put($"/admin/services/{id}", definition.ToJsonString());
            var run = await world.RunPaid(id, Text);
            Assert.Equal("One sentence. Another sentence.", (string?)run["output"]!["summary"]);
        }
        finally
        {
            service.Kill(entireProcessTree: true);
        }
    }
}
