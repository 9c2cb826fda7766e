using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http.Sealing;

namespace Agora.Clients.Tests.Sealing;

/// <summary>Each client, and an implementation on the cryptography of others, opens what each other has sealed, with one file of keys. A process does one thing.</summary>
public sealed class InterchangeTests : IDisposable
{
    private const string Folder = "tests/Clients.Tests/Sealing";
    private static readonly string[] Speakers = ["C#", "TypeScript", "Python", "others"];
    private readonly string _folder = Directory.CreateTempSubdirectory("agora-rings-").FullName;

    public static IEnumerable<object[]> Pairs() => from one in Speakers from other in Speakers select (object[])[one, other];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [InterchangeTheory]
    [MemberData(nameof(Pairs))]
    public async Task What_one_seals_the_other_opens_for_each_of_its_agents(string one, string other)
    {
        await TypeScript.Compile();
        var cards = new[] { "alice", "bob", "carol" }.ToDictionary(agent => agent, Made);
        var content = RandomNumberGenerator.GetBytes(1_000);

        var message = (string?)(await Done(one, new() { ["ring"] = File("alice"), ["cards"] = new JsonArray(cards["carol"].DeepClone(), cards["bob"].DeepClone()), ["content"] = Base64Url.EncodeToString(content), ["content_type"] = "text/plain" }))["message"];

        Assert.NotNull(message);
        foreach (var agent in cards.Keys)
        {
            var opened = await Done(other, new() { ["ring"] = File(agent), ["message"] = message, ["sender"] = cards["alice"].DeepClone() });
            Assert.Equal($$"""{"content_type":"text/plain","content":"{{Base64Url.EncodeToString(content)}}","recipients":["alice","bob","carol"]}""", JsonNode.Parse(opened.ToJsonString())!.ToJsonString());
        }
    }

    /// <summary>A client in another language goes on where this one stopped: what it has seen of peers, rotations, keys.</summary>
    [InterchangeTheory]
    [InlineData("TypeScript")]
    [InlineData("Python")]
    public async Task A_file_of_keys_that_another_client_wrote_is_gone_on_with(string other)
    {
        await TypeScript.Compile();
        var (alice, bob) = (Made("alice"), Made("bob"));
        JsonObject sealing = new() { ["ring"] = File("bob"), ["cards"] = new JsonArray(alice.DeepClone()), ["content"] = "", ["content_type"] = "t" };
        var message = (string?)(await Done(other, sealing.DeepClone().AsObject()))["message"];
        var rotated = Json(KeyRing.Load(File("alice")).RotateSigningKey());
        sealing["cards"] = new JsonArray(rotated);
        Assert.NotNull((await Done(other, sealing.DeepClone().AsObject()))["message"]);
        System.IO.File.Delete(File("alice"));
        sealing["cards"] = new JsonArray(Made("alice"));

        Assert.Equal("key_changed", (string?)(await Done(other, sealing.DeepClone().AsObject()))["code"]);
        Assert.Equal("key_changed", (string?)(await Done("C#", sealing))["code"]);
        Assert.Empty(KeyRing.Load(File("bob")).Open(message!, "c-1", "m-1", Card(bob)).Content.ToArray());
    }

    private string File(string agent) => Path.Combine(_folder, $"{agent}.json");

    private JsonNode Made(string agent)
    {
        using var ring = KeyRing.Create(agent, File(agent));
        return Json(ring.Card);
    }

    private static async Task<JsonNode> Done(string by, JsonObject command)
    {
        (command["conversation"], command["message_id"]) = ("c-1", "m-1");
        return by switch
        {
            "C#" => Own(command),
            "TypeScript" => JsonNode.Parse(await NodeProgram.Run(Folder, command.ToJsonString(), "typescript.mjs"))!,
            "Python" => JsonNode.Parse(await Python(command))!,
            _ => JsonNode.Parse(await NodeProgram.Run(Folder, command.ToJsonString(), "others.mjs"))!,
        };
    }

    private static JsonNode Own(JsonObject command)
    {
        using var ring = KeyRing.Load((string)command["ring"]!);
        try
        {
            if (command["cards"] is JsonArray cards)
            {
                return new JsonObject { ["message"] = ring.Seal(Base64Url.DecodeFromChars((string)command["content"]!), (string)command["content_type"]!, "c-1", "m-1", [.. cards.Select(card => Card(card!))]) };
            }

            var opened = ring.Open((string)command["message"]!, "c-1", "m-1", Card(command["sender"]!));
            return new JsonObject { ["content_type"] = opened.ContentType, ["content"] = Base64Url.EncodeToString(opened.Content.Span), ["recipients"] = JsonSerializer.SerializeToNode(opened.Recipients) };
        }
        catch (SealedException refused)
        {
            return new JsonObject { ["code"] = refused.Code };
        }
    }

    private static async Task<string> Python(JsonObject command)
    {
        var (exitCode, output, errors) = await NodeProgram.Ended(Folder, "python3", command.ToJsonString(), ["python.py"], ("PYTHONPATH", Repository.File("clients/python/src")), ("PYTHONDONTWRITEBYTECODE", "1"));
        return exitCode == 0 ? output : throw new InvalidOperationException($"python.py ended with {exitCode}: {errors}{output}");
    }

    private static JsonObject Json(AgentCard card) => new() { ["agent"] = card.Agent, ["signing_key"] = card.SigningKey, ["epoch_key"] = card.EpochKey, ["rotations"] = JsonSerializer.SerializeToNode(card.Rotations) };

    private static AgentCard Card(JsonNode card) => new((string)card["agent"]!, (string)card["signing_key"]!, (string)card["epoch_key"]!, [.. card["rotations"]!.AsArray().Select(one => (string)one!)]);
}

/// <summary>Where the compiler of TypeScript, @noble, Python or its cryptography is missing the test is skipped by name.</summary>
public sealed class InterchangeTheoryAttribute : TheoryAttribute
{
    public InterchangeTheoryAttribute() => Skip = TypeScript.Missing ?? new NobleFactAttribute().Skip ?? (ClientProgram.Can("python3", "-c", "import cryptography") ? null : "python3 with the package cryptography is not here");
}
