using System.Runtime.InteropServices;
using Agora.ScriptedModels;

// By hand, for benchmarks: dotnet run --project tests/ScriptedModels -c Release -- --port 9100 --tokens 100 --chunk 16 --pause 10 --key test-key
// --reasoning 20 reasons before it answers; --call '{"city":"Oslo"}' calls the first tool of a request that has tools; --pieces 7 cuts the stream anywhere.
var options = args.Chunk(2).Where(static pair => pair.Length == 2).ToDictionary(static pair => pair[0].TrimStart('-'), static pair => pair[1], StringComparer.Ordinal);
var script = new Script
{
    Keep = 0,
    Keys = options.TryGetValue("key", out var key) ? [key] : [],
    Reply = Reply.OfTokens(Of("tokens", 16), Of("seed", 0)) with
    {
        Before = TimeSpan.FromMilliseconds(Of("before", 0)),
        Reasoning = Words.Of(Of("reasoning", 0), 1),
        Calls = options.TryGetValue("call", out var arguments) ? [new ScriptedCall(null, arguments)] : [],
        Json = options.GetValueOrDefault("json", "{}"),
    },
    Delivery = new Delivery
    {
        ChunkCharacters = Of("chunk", 16),
        Pause = TimeSpan.FromMilliseconds(Of("pause", 0)),
        Pieces = options.ContainsKey("pieces") ? new Pieces(Of("pieces", 0)) : null,
    },
};
await using var provider = await ScriptedProvider.Start(script, Of("port", 9100));
var stopped = new TaskCompletionSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Console.WriteLine($"{provider.Url} is listening, until Ctrl+C.");
await stopped.Task;
Console.WriteLine($"{provider.Requests} requests, {provider.Total}");

int Of(string option, int otherwise) => options.TryGetValue(option, out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopped.TrySetResult();
}
