using Agora.Api.Desk;
using Agora.Api.Hosts;
using Agora.Hosting;

namespace Agora.Silo;

/// <summary>
/// Whoever starts a server for the first time at a terminal has an account for the console: its name, and the code with which its password is chosen, stand there once. A log never has them, so where
/// there is no terminal the first page of the console says how to make one.
/// </summary>
internal static class FirstAccount
{
    public const string Name = "admin";

    /// <param name="keys">As they were read: the first start makes the admin's key.</param>
    public static async Task Offer(AgoraSettings settings, AccessKeys keys, OperatorDesk desk, string url, TextWriter print)
    {
        if (!settings.Console || !keys.Made.Contains(AccessKeys.AdminName, StringComparer.Ordinal)) return;

        var code = await desk.FirstAccount(Name);
        print.WriteLine($"Console: {url}/console. Your account is {Name}: choose its password within a day at {url}/console/password, with the code {code}");
    }
}
