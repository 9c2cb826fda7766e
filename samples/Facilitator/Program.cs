using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.Samples.Facilitator;

const string Usage = "Usage: Facilitator [--urls http://127.0.0.1:8092] [--balances FILE]   FILE: {\"0x…\": \"units of the token\"}; without it everyone has enough";

var (url, file) = args switch
{
    [] => ("http://127.0.0.1:8092", null),
    ["--urls", var at] => (at, null),
    ["--balances", var of] => ("http://127.0.0.1:8092", of),
    ["--urls", var at, "--balances", var of] => (at, of),
    _ => default((string?, string?)),
};
if (url is null)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await using var facilitator = await FacilitatorApp.Start(url, file is null ? null : Balances(file));
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
