using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Agora.Fuzz.Servers;

namespace Agora.Fuzz.Attacks;

/// <summary>Everything at once that makes a server hold memory, without a credential or with one tenant's, while another tenant continues its work.</summary>
internal static class MemoryAttacks
{
    /// <summary>Pages, documents and files without a credential, the large ones among them.</summary>
    private static readonly string[] Open = ["/openapi/v1.json", "/docs", "/docs/errors", "/docs/agents", "/llms.txt", "/welcome"];

    [Attack(20, "slow readers, long forms, large outputs and unread streams at once end a server with 256 MB, or stop another tenant")]
    public static Task<Verdict> Short(Target target) => All(256L << 20, slow: 60, forms: 24, outputs: 24, streams: 8);

    [Attack(20, "300 slow readers, 160 forms of 4 MiB, 84 outputs of 1 MB and 40 unread streams at once end a server with 512 MB, or stop another tenant", IsLong = true)]
    public static Task<Verdict> Long(Target target) => All(512L << 20, slow: 300, forms: 160, outputs: 84, streams: 40);

    private static async Task<Verdict> All(long heapBytes, int slow, int forms, int outputs, int streams)
    {
        await using var services = await OddServices.Start(outputs);
        await using var own = new Target(await ServerUnderTest.Start(Neighbour.Settings(services, new() { ["DOTNET_GCHeapHardLimit"] = $"0x{heapBytes:x}" })));
        (await own.Admin("PUT", "/admin/services/large", services.Service("/large"))).Done();
        (await own.Admin("PUT", "/admin/services/endless", OddServices.Model(OddServices.Endless))).Done();
        await using var other = await Neighbour.Move(own, services);
        var sessions = new List<string>();
        for (var n = 0; n < 12; n++)
        {
            sessions.Add(await own.OpenSession($"attacker-{n}"));
        }

        await Services.Eventually(() => own.Send("POST", "/agent/services/large/run", sessions[0], """{"input":{}}"""));
        var before = own.Server!.Memory;
        using var crowd = new Crowd(own.Address);
        for (var n = 0; n < slow; n++)
        {
            crowd.Say(string.Concat(Enumerable.Repeat($"GET {Open[n % Open.Length]} HTTP/1.1\r\nHost: {own.Address.Authority}\r\n\r\n", 2_000)));
        }

        for (var n = 0; n < forms; n++)
        {
            crowd.Say($"POST /talk/sign-out HTTP/1.1\r\nHost: {own.Address.Authority}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {4 << 20}\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{new string('a', (4 << 20) - 100)}");
        }

        for (var n = 0; n < streams; n++)
        {
            const string Body = """{"model":"endless","stream":true,"messages":[{"role":"user","content":"Say much."}]}""";
            crowd.Say($"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {own.Address.Authority}\r\nAuthorization: Bearer {sessions[n % sessions.Count]}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        }

        var runs = Task.WhenAll(Enumerable.Range(0, outputs).Select(n => own.Send("POST", "/agent/services/large/run", sessions[n % sessions.Count], $$$"""{"input":{"text":"{{{n}}}"}}""")));
        var most = own.Server.Memory;
        try
        {
            for (var n = 0; n < 20 || !runs.IsCompleted; n++)
            {
                await other.Work();
                most = Math.Max(most, own.Server.Memory);
            }

            var wrong = (await runs).Where(static run => run.Status is not (200 or 202 or 503)).Select(static run => $"{run.Status} {run.Text}").FirstOrDefault();
            return new(
                Ended(own.Server) ?? other.Refused ?? (wrong is null ? null : $"an output gives {wrong}"),
                string.Create(CultureInfo.InvariantCulture, $"memory {before >> 20} MB before, {most >> 20} MB at most; {runs.Result.Count(static run => run.Status == 200)} of {outputs} outputs came{Others(runs.Result)}; {crowd}; the other tenant: {other}"));
        }
        catch (HttpRequestException e)
        {
            return Ended(own.Server) ?? $"the other tenant is not served: {e.Message}";
        }
    }

    /// <summary>How those ended that did not come.</summary>
    private static string Others(IEnumerable<Answered> runs) =>
        string.Concat(runs.Where(static run => run.Status != 200).CountBy(static run => $"{run.Status} {(run.Json.TryGetProperty("error", out var error) ? error.GetProperty("message").GetString() : "pending")}").Select(static one => $", {one.Value} x {one.Key}"));

    private static string? Ended(ServerUnderTest server) =>
        server.HasEnded ? $"the server has ended: {string.Join('\n', server.Output.Split('\n').TakeLast(5))}" : server.Output.Contains("OutOfMemory", StringComparison.Ordinal) ? "the log says OutOfMemory" : null;

    /// <summary>Connections that say all they have to say as fast as it is taken, and never read.</summary>
    private sealed class Crowd(Uri address) : IDisposable
    {
        private readonly List<Socket> _open = [];
        private int _refused;

        public void Say(string text)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
            _open.Add(socket);
            _ = Say(socket, Encoding.ASCII.GetBytes(text));
        }

        public void Dispose() => _open.ForEach(static socket => socket.Dispose());

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_open.Count} connections, {Volatile.Read(ref _refused)} of them ended by the server");

        private async Task Say(Socket socket, ReadOnlyMemory<byte> text)
        {
            try
            {
                await socket.ConnectAsync(address.Host, address.Port);
                while (text.Length > 0)
                {
                    text = text[await socket.SendAsync(text)..];
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Interlocked.Increment(ref _refused);
            }
        }
    }
}
