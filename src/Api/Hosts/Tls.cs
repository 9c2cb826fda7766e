using System.Net.Quic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agora.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Agora.Api.Hosts;

/// <summary><c>--tls-cert</c> and <c>--tls-key</c>: PEM files, used for every https:// address of <c>--urls</c>.</summary>
internal static class Tls
{
    public static void Configure(KestrelServerOptions kestrel, AgoraSettings settings)
    {
        if (settings is not { TlsCertificate: { } certificate, TlsKey: { } key }) return;

        kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = Load(certificate, key));
    }

    /// <exception cref="SettingException">The files hold no certificate with its key.</exception>
    public static void Check(AgoraSettings settings)
    {
        if (settings is not { TlsCertificate: { } certificate, TlsKey: { } key }) return;

        using var loaded = Load(certificate, key);
    }

    /// <summary>HTTP/3 is served beside the others where the machine has QUIC: on Linux that is the library libmsquic. Replies then say so (<c>Alt-Svc</c>, RFC 7838).</summary>
    public static bool HasHttp3(AgoraSettings settings) => settings.TlsCertificate is not null && (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows()) && QuicListener.IsSupported;

    private static X509Certificate2 Load(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"--tls-cert and --tls-key do not hold a PEM certificate and its key: {e.Message}");
        }
    }
}
