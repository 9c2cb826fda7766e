using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.Samples.Facilitator;

const string Usage = "Usage: Facilitator [--urls http://127.0.0.1:8092] [--balances FILE]   FILE: {\"0x…\": \"units of the token\"}; without it everyone has enough";

var given = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1));
if (given.Any(pair => pair.Value is null || pair.Key is not ("--urls" or "--balances")))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await using var facilitator = await FacilitatorApp.Start(
    given.GetValueOrDefault("--urls") ?? "http://127.0.0.1:8092", given.GetValueOrDefault("--balances") is { } file ? Balances(file) : null);
Console.WriteLine($"The facilitator is listening on {facilitator.Address}. It has no chain: no money moves.");
await stop.Task;
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

static Dictionary<string, BigInteger> Balances(string file) =>
    JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file))!
        .ToDictionary(balance => balance.Key.ToLowerInvariant(), balance => BigInteger.Parse(balance.Value, System.Globalization.CultureInfo.InvariantCulture));
