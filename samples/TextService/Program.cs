using System.Runtime.InteropServices;
using Agora.Samples.TextService;

if (args is not ([] or ["--urls", _]))
{
    Console.Error.WriteLine("Usage: TextService [--urls http://127.0.0.1:8091]");
    return 2;
}

var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await using var service = await TextServiceApp.Start(args is [_, var url] ? url : "http://127.0.0.1:8091");
Console.WriteLine($"The text service is listening on {service.Address}");
await stop.Task;
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}
