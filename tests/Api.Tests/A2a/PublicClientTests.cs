using System.Text.Json;
using Agora.A2a;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.A2a;

/// <summary>The public SDK of the protocol, which knows nothing of us, walks an agent by its card alone.</summary>
public sealed class PublicClientTests
{
    /// <summary>What it makes the agent do in all: two echoes, a question, a count, and one that is not answered.</summary>
    private const int Messages = 5;

    [NodePackagesTheory]
    [InlineData("JSONRPC", false)]
    [InlineData("JSONRPC", true)]
    [InlineData("HTTP+JSON", false)]
    [InlineData("HTTP+JSON", true)]
    public async Task The_public_client_walks_an_agent(string transport, bool hasSequence)
    {
        await using var asking = await Asking.Begin();
        var serving = asking.Serve(Messages);
        var input = JsonSerializer.Serialize(new { address = asking.Talk.Api.Client.Address.ToString().TrimEnd('/'), agent = Asking.Agent, key = asking.Talk.Key("a"), transport, extensions = hasSequence ? [Sequence.Uri] : Array.Empty<string>() });

        var met = JsonDocument.Parse(await NodePackages.Run(input, "A2a/walk.mjs")).RootElement;
        await serving;

        Assert.Equal((transport, "Translator"), (Text("protocol"), Text("name")));
        Assert.Equal(("""["translate"]""", $"""["{Sequence.Uri}"]"""), (Raw("skills"), Raw("extensions")));
        Assert.Equal("""["TASK_STATE_COMPLETED","Hello",1]""", Raw("echoed"));
        Assert.Equal(("true", "0", "UnsupportedOperationError"), (Raw("again"), Raw("got"), Text("closed")));
        Assert.Equal("""["TASK_STATE_INPUT_REQUIRED","colours","Which?"]""", Raw("asked"));
        Assert.Equal("""["TASK_STATE_COMPLETED",true,"blue"]""", Raw("told"));
        Assert.Equal(["task TASK_STATE_SUBMITTED", "TASK_STATE_WORKING", "numbers: 0", "numbers: 1", "numbers: 2", "numbers: 3", "TASK_STATE_COMPLETED"], met.GetProperty("streamed").EnumerateArray().Select(one => one[0].GetString()));
        Assert.Equal(hasSequence ? Enumerable.Range(1, 7) : Enumerable.Repeat(0, 7), met.GetProperty("streamed").EnumerateArray().Select(one =>
            one.GetArrayLength() > 1 && one[1].ValueKind == JsonValueKind.Object && one[1].TryGetProperty(Sequence.Uri, out var own) ? own.GetProperty("sequence").GetInt32() : 0));
        Assert.Equal("""[1,true,1,""]""", Raw("listed"));
        Assert.Equal("""["0123","blue","Hello"]""", Raw("all"));
        Assert.Equal(("TASK_STATE_CANCELED", "TASK_STATE_CANCELED"), (Text("canceled"), Text("heard")));
        Assert.Equal(("TaskNotCancelableError", "UnsupportedOperationError", "TaskNotFoundError", "PushNotificationNotSupportedError"), (Text("twice"), Error("over"), Text("unknown"), Text("push")));

        string? Text(string name) => met.GetProperty(name).GetString();
        string Raw(string name) => met.GetProperty(name).GetRawText();
        string? Error(string name) => met.GetProperty(name).GetString();
    }
}
