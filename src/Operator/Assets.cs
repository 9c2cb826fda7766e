using System.Collections.Frozen;
using System.Security.Cryptography;
using Agora.Api.Desk;
using Microsoft.AspNetCore.Http;

namespace Agora.Operator;

/// <summary>Files that pages load, from this assembly. Their addresses name what is in them, so a browser may keep them for ever.</summary>
public static class Assets
{
    private static readonly FrozenDictionary<string, (byte[] Bytes, string Type)> All = Read();

    public static readonly string Css = Address(RouteMap.Root, "console.css");

    public static readonly string Icon = Address(RouteMap.Root, "icon.svg");

    public static readonly string Times = Address(RouteMap.Root, "times.js");

    public static readonly string Live = Address(RouteMap.Root, "live.js");

    public static readonly string Schema = Address(RouteMap.Root, "schema.js");

    public static readonly string Verify = Address(RouteMap.Root, "verify.js");

    internal static async Task Send(HttpContext http, string name)
    {
        if (!All.TryGetValue(name, out var asset))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = asset.Type;
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await PageRoom.Send(http, asset.Bytes);
    }

    /// <param name="root">Of the pages that load it, for either's may be turned off.</param>
    internal static string Address(string root, string name) => $"{root}/assets/{name}?v={Convert.ToHexStringLower(SHA256.HashData(All[name].Bytes))[..12]}";

    private static FrozenDictionary<string, (byte[] Bytes, string Type)> Read()
    {
        const string Prefix = "assets.";
        var assembly = typeof(Assets).Assembly;
        return assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(static name => name[Prefix.Length..], name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return (bytes, Path.GetExtension(name) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".svg" => "image/svg+xml",
                _ => "text/javascript; charset=utf-8",
            });
        }, StringComparer.Ordinal);
    }
}
