using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Clients.Tests.Sealing;

namespace Agora.Clients.Tests.Peers;

/// <summary>Agents of the three clients talk sealed with each other, by one switch each.</summary>
[Collection(nameof(ClientWorld))]
public sealed class LanguagesTests(ClientWorld world) : IDisposable
{
    private const string Folder = "tests/Clients.Tests/Peers";
    private readonly Talk _talk = new(world);

    [InterchangeTheory]
    [InlineData("C#", "TypeScript")]
    [InlineData("C#", "Python")]
    [InlineData("TypeScript", "C#")]
    [InlineData("TypeScript", "Python")]
    [InlineData("Python", "C#")]
    [InlineData("Python", "TypeScript")]
    public async Task One_asks_the_other_replies_and_the_server_has_ciphertext(string asking, string replying)
    {
        await TypeScript.Compile();
        await using (var first = await _talk.Peer("replying"))
        {
            await first.Register(new()); // Its keys are in a file, which any of the clients goes on with.
        }

        var replied = Done(replying, "replying", null);
        var said = await Done(asking, "asking", _talk.Id("replying"));
        await replied;

        Assert.True(JsonNode.DeepEquals(said["content"], JsonNode.Parse($$"""{"heard":{"by":"{{asking}}"},"by":"{{replying}}"}""")), said.ToJsonString());
        Assert.True((bool)said["sealed"]!);
        await using var server = await _talk.Peer("asking", seal: false);
        var carried = await server.Messages((string)said["conversation"]!).Where(heard => heard.IsMessage).ToListAsync();
        Assert.Equal(2, carried.Count);
        Assert.All(carried, heard => Assert.Equal("application/vnd.agora.sealed+json", heard.Entry.ContentType));
        Assert.All(carried, heard => Assert.DoesNotContain("by", heard.Content.EnumerateObject().Select(member => member.Name)));
    }

    public void Dispose() => _talk.Dispose();

    private async Task<JsonNode> Done(string client, string name, string? other)
    {
        if (client == "C#") return await Here(name, other);

        JsonObject asked = new() { ["url"] = world.Url, ["key"] = await _talk.Key(name), ["keys"] = _talk.PathOf(name) };
        if (other is not null)
        {
            asked["other"] = other;
        }

        var (program, script) = client == "Python" ? ("python3", "peer.py") : ("node", "peer.mjs");
        var (exitCode, output, errors) = await NodeProgram.Ended(Folder, program, asked.ToJsonString(), [script], ("PYTHONPATH", Repository.File("clients/python/src")), ("PYTHONDONTWRITEBYTECODE", "1"));
        Assert.True(exitCode == 0, $"{script} ended with {exitCode}: {errors}{output}");
        return JsonNode.Parse(output)!;
    }

    private async Task<JsonNode> Here(string name, string? other)
    {
        await using var me = await _talk.Peer(name);
        if (other is null)
        {
            var request = await Talk.Next(me);
            await me.Reply(request, new { heard = request.Read<JsonElement>(), by = "C#" });
            return new JsonObject();
        }

        var talk = (await me.Open([other])).Data.ConversationId;
        var reply = await me.Ask(talk, new { by = "C#" }, TimeSpan.FromSeconds(60));
        return new JsonObject { ["conversation"] = talk, ["content"] = JsonNode.Parse(reply.Content.GetRawText()), ["sealed"] = reply.IsSealed };
    }
}
