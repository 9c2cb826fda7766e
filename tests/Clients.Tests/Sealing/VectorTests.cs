using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http.Sealing;

namespace Agora.Clients.Tests.Sealing;

/// <summary>vectors.json, to which the clients in TypeScript and Python are held as well: what others sealed, and what others forged.</summary>
public sealed class VectorTests
{
    private static readonly JsonNode Vectors = JsonNode.Parse(Repository.Text("tests/Clients.Tests/Sealing/vectors.json"))!;

    public static TheoryData<string> Names(string list) => [.. Vectors[list]!.AsArray().Select(one => (string)one!["name"]!)];

    [Theory]
    [MemberData(nameof(Names), "opens")]
    public void What_others_sealed_opens(string name)
    {
        var one = Named("opens", name);

        var opened = Open(one);

        Assert.Equal(((string?)one["sender"]!["agent"], (string?)one["content_type"]), (opened.Sender, opened.ContentType));
        Assert.Equal((string?)one["content"], Base64Url.EncodeToString(opened.Content.Span));
        Assert.Equal(one["recipients"]!.AsArray().Select(agent => (string?)agent), opened.Recipients);
    }

    [Theory]
    [MemberData(nameof(Names), "refused")]
    public void What_others_forged_does_not(string name)
    {
        var one = Named("refused", name);

        Assert.Equal((string?)one["code"], Assert.ThrowsAny<SealedException>(() => Open(one)).Code);
    }

    [NobleFact]
    public async Task The_vectors_are_what_noble_makes() =>
        Assert.Equal(Vectors.ToJsonString(), JsonNode.Parse(await NodeProgram.Run("tests/Clients.Tests", "", "Sealing/vectors.mjs"))!.ToJsonString());

    private static JsonNode Named(string list, string name) => Vectors[list]!.AsArray().Single(one => (string?)one!["name"] == name)!;

    private static Opened Open(JsonNode one)
    {
        using var ring = new KeyRing(RingState.Read(JsonSerializer.SerializeToUtf8Bytes(Vectors["rings"]![(string)one["by"]!])), null, new() { Time = new SimTimeProvider(DateTimeOffset.FromUnixTimeSeconds((long)Vectors["now"]!)) });
        return ring.Open((string)one["message"]!, (string)one["conversation"]!, (string)one["message_id"]!, Card(one["sender"]!));
    }

    private static AgentCard Card(JsonNode card) => new((string)card["agent"]!, (string)card["signing_key"]!, (string)card["epoch_key"]!, [.. card["rotations"]!.AsArray().Select(one => (string)one!)]);
}

/// <summary>Where Node or @noble is missing the test is skipped by name.</summary>
public sealed class NobleFactAttribute : FactAttribute
{
    public NobleFactAttribute() => Skip = NodeProgram.Missing("tests/Clients.Tests", "@noble/curves", "@noble/hashes", "@noble/ciphers");
}
