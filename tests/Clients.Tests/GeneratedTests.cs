namespace Agora.Clients.Tests;

/// <summary>What the clients take from the OpenAPI document is what the server serves now: <c>clients/generate.py</c> writes it anew.</summary>
[Collection(nameof(ClientWorld))]
public sealed class GeneratedTests(ClientWorld world)
{
    [GeneratorFact]
    public Task Generated_files_are_those_of_the_document() => ClientProgram.Run("", world.Settings, "python3", "clients/generate.py", world.Url, "--check");

    [InterpreterFact("python3")]
    public async Task Of_another_document_they_are_stale_and_named()
    {
        var document = Path.GetTempFileName();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await File.WriteAllTextAsync(document, (await http.GetStringAsync($"{world.Url}/openapi/v1.json")).Replace("\"price_cents\":", "\"cost_cents\":", StringComparison.Ordinal));

        var failed = await Assert.ThrowsAnyAsync<Exception>(() => ClientProgram.Run("", world.Settings, "python3", "clients/generate.py", document, "--check"));
        File.Delete(document);

        Assert.Contains("clients/python/src/agora/types.py", failed.Message, StringComparison.Ordinal);
    }
}

/// <summary>Without openapi-typescript one file would not be looked at.</summary>
public sealed class GeneratorFactAttribute : FactAttribute
{
    public GeneratorFactAttribute() => Skip = TypeScript.Missing ?? (ClientProgram.IsHere("python3") ? null : "python3 is not here");
}
