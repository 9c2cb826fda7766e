using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Cli.MovingIn;

/// <summary>What became of a session, as it was last.</summary>
/// <param name="Digest">Of its bytes: as long as they are the same there is nothing to do.</param>
/// <param name="Reason">Why it was refused; null: it was not.</param>
/// <param name="IsDeleted">Its person has deleted its chat here: it comes no more, and keeps nobody on a side.</param>
internal sealed record Moved(string Id, string? User, string? Chat, string? Format, string? Digest, int Turns, string? Reason, bool Differs = false, string? Side = null, bool IsDeleted = false);

/// <summary>
/// A line a session, in a file that is only ever added to and that its owner alone reads: ids of sessions let in at the old side. A line that was cut off by a kill is as if it had not been; whatever it was of is done again, and is there
/// once all the same. Some 500 bytes a session are in the memory.
/// </summary>
internal sealed class MoveLog : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    private readonly Dictionary<string, Moved> _all = new(StringComparer.Ordinal);
    private readonly Lock _one = new();
    private readonly StreamWriter? _file;

    /// <param name="reads">Nothing is added.</param>
    public MoveLog(string folder, bool reads)
    {
        var place = Path.Combine(folder, "sessions.jsonl");
        try
        {
            var isCut = File.Exists(place) && Read(place);
            if (reads) return;

            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            _file = new StreamWriter(place, options) { AutoFlush = true };
            if (isCut)
            {
                _file.Write('\n');
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Wrong($"{folder} cannot be read and written, where it is kept what was done: --state names another folder.");
        }
    }

    public IReadOnlyList<Moved> All
    {
        get
        {
            lock (_one) return [.. _all.Values];
        }
    }

    public Moved? Find(string id)
    {
        lock (_one) return _all.GetValueOrDefault(id);
    }

    public void Add(Moved moved)
    {
        lock (_one)
        {
            if (_all.TryGetValue(moved.Id, out var known) && known == moved) return;

            _all[moved.Id] = moved;
            _file?.WriteLine(JsonSerializer.Serialize(moved, Json));
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <returns>The last line has no end.</returns>
    private bool Read(string place)
    {
        foreach (var line in File.ReadLines(place))
        {
            try
            {
                if (JsonSerializer.Deserialize<Moved>(line, Json) is { Id: not null } moved)
                {
                    _all[moved.Id] = moved;
                }
            }
            catch (JsonException)
            {
                // It was cut off.
            }
        }

        using var file = File.OpenRead(place);
        if (file.Length == 0) return false;

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }
}
