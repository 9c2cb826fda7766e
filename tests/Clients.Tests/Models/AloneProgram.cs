using System.Diagnostics;
using System.Net.Sockets;

namespace Agora.Clients.Tests.Models;

/// <summary>
/// A program of others that may reach one server and nothing else: it runs in namespaces of its own, where 127.0.0.1 at the server's port is relayed to it (Models/alone.mjs). So whatever such a program means to report or to
/// fetch elsewhere does not leave this machine.
/// </summary>
internal static class AloneProgram
{
    public const string Folder = "tests/Clients.Tests/Agents";

    /// <summary>A network and processes of its own: what it leaves running (Cline a daemon) ends with it.</summary>
    private static readonly string[] Apart = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--map-root-user"];

    private static readonly Lazy<string?> NoNamespace = new(WhyNoNamespace);

    /// <summary>Why none of these can be run; null: they can.</summary>
    /// <param name="binaries">Below node_modules.</param>
    public static string? Missing(params IEnumerable<string> binaries) => NodeProgram.Missing(Folder, binaries) ?? NoNamespace.Value;

    /// <param name="script">For bash, with its working directory and home in a folder of its own.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> Ended(Uri server, string script, params (string Name, string Value)[] settings)
    {
        var home = Directory.CreateTempSubdirectory("agora-alone-");
        var socket = Path.Combine(home.FullName, "s");
        using var over = new CancellationTokenSource();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        var relay = Relay(listener, server, over.Token);
        try
        {
            var work = Directory.CreateDirectory(Path.Combine(home.FullName, "work"));
            (string, string)[] own = [("HOME", home.FullName), ("XDG_CONFIG_HOME", ""), ("http_proxy", ""), ("https_proxy", ""), ("HTTP_PROXY", ""), ("HTTPS_PROXY", "")];
            return await NodeProgram.Ended(
                Folder, "unshare", "",
                [.. Apart, "node", Repository.File("tests/Clients.Tests/Models/alone.mjs"), socket, $"{server.Port}", "bash", "-euc", $"cd '{work.FullName}'\n{script}"],
                [.. own, .. settings]);
        }
        finally
        {
            await over.CancelAsync();
            await relay;
            home.Delete(recursive: true);
        }
    }

    private static async Task Relay(Socket listener, Uri server, CancellationToken over)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(Join(await listener.AcceptAsync(over), server, over));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private static async Task Join(Socket inside, Uri server, CancellationToken over)
    {
        using (inside)
        using (var outside = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                await outside.ConnectAsync(server.Host, server.Port, over);
                await Task.WhenAll(Copy(inside, outside, over), Copy(outside, inside, over));
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                // Either end went away, which the program or the server tells itself.
            }
        }
    }

    private static async Task Copy(Socket from, Socket to, CancellationToken over)
    {
        var buffer = new byte[16 * 1024];
        for (int read; (read = await from.ReceiveAsync(buffer, over)) > 0;)
        {
            for (var sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), over);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private static string? WhyNoNamespace()
    {
        if (!OperatingSystem.IsLinux()) return "only Linux has network namespaces, and these programs are not started without one";
        if (Programs.Find("unshare") is null || Programs.Find("ip") is null) return "unshare or ip is not on the PATH (Debian: util-linux, iproute2)";

        using var probe = Process.Start(new ProcessStartInfo("unshare", [.. Apart, "ip", "link", "set", "lo", "up"]) { RedirectStandardError = true })!;
        var why = probe.StandardError.ReadToEnd().Trim();
        probe.WaitForExit();
        return probe.ExitCode == 0 ? null : $"no network namespace can be made here: {why}";
    }
}
