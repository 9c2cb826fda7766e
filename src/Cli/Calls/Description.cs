using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Cli.Profiles;

namespace Agora.Cli.Calls;

/// <summary>
/// The server's own description of what it does: whatever release it is of, its commands are there. It is kept for a while beside the profiles, so that a call is one request, and is read
/// from there where the server is away.
/// </summary>
internal sealed class Description(Terminal terminal)
{
    private const string Route = "/openapi/v1.json";
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    public async Task<IReadOnlyList<ApiOperation>> Read(Profile profile, CancellationToken cancel)
    {
        var kept = Kept(profile.Address);
        if (IsFresh(kept) && Parsed(kept) is { } recent) return recent;

        var text = await Fetched(profile, cancel);
        Places.Write(terminal.Folder, kept, text);
        return Parsed(kept) ?? throw NotAgora(profile.Address);
    }

    private static bool IsFresh(string kept) => File.Exists(kept) && DateTime.UtcNow - File.GetLastWriteTimeUtc(kept) is var age && age >= TimeSpan.Zero && age < Fresh;

    /// <summary>Without asking anybody, for whoever presses Tab.</summary>
    public IReadOnlyList<ApiOperation> ReadKept(Uri server) => File.Exists(Kept(server)) ? Parsed(Kept(server)) ?? [] : [];

    private string Kept(Uri server) => Path.Combine(terminal.Folder, $"api-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(server.AbsoluteUri)))[..16]}.json");

    private static async Task<string> Fetched(Profile profile, CancellationToken cancel)
    {
        using var http = Caller.Client(profile);
        try
        {
            using var reply = await http.GetAsync(Caller.At(profile.Address, Route), cancel);
            return reply.IsSuccessStatusCode ? await reply.Content.ReadAsStringAsync(cancel) : throw NotAgora(profile.Address);
        }
        catch (Exception e) when (Caller.IsAway(e, cancel))
        {
            throw Caller.NoServer(profile, e);
        }
    }

    /// <returns>Null: it is no such description.</returns>
    private static IReadOnlyList<ApiOperation>? Parsed(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return ApiOperation.All(document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static CliException NotAgora(Uri server) => new(ExitCodes.NoServer, $"What answers at {server} is no Agora: it has no {Route}.");
}
