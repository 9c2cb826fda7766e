using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Agora.Models;

namespace Agora.Outbound.Commands;

/// <summary>A command that may be run on this machine: the deployer alone says which, and operators name it.</summary>
/// <param name="Run">The program and its arguments, each as it is: no shell reads them.</param>
/// <param name="Environment">All that the process has: nothing of ours is passed on.</param>
/// <param name="Tenants">Whose operators may name it.</param>
public sealed record AllowedCommand(string Name, IReadOnlyList<string> Run, IReadOnlyDictionary<string, string> Environment, string? Directory, IReadOnlyList<string> Tenants)
{
    /// <returns>Null: none of this name is allowed to operators of this tenant.</returns>
    public static AllowedCommand? Find(IReadOnlyList<AllowedCommand> commands, string? name, string tenant) => commands.FirstOrDefault(command => command.Name == name && command.Tenants.Contains(tenant));
}

/// <summary>
/// A process that is spoken to in lines, by its standard input and output. A line is bounded, and whoever writes a longer one is ended. It ends with what it has started, at the latest with this process: its
/// input ends then. What it has started and left behind, as daemons are, may hold its output, and is not listened to.
/// </summary>
public sealed class LocalCommand : IDisposable
{
    private const int Chunk = 16 * 1024;

    private readonly Process _process;
    private readonly Func<ReadOnlyMemory<byte>, bool> _onLine;
    private readonly Action<string> _onError;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _errors;
    private readonly int _maxLineBytes;
    private readonly int _maxErrorCharacters;

    private LocalCommand(Process process, int maxLineBytes, int maxErrorCharacters, Func<ReadOnlyMemory<byte>, bool> onLine, Action<string> onError)
    {
        (_process, _maxLineBytes, _maxErrorCharacters, _onLine, _onError) = (process, maxLineBytes, maxErrorCharacters, onLine, onError);
        _errors = Task.Run(ReadErrors);
        Ended = Task.Run(Read);
        _ = Task.Run(Leave);
    }

    /// <summary>Completes when it says nothing any more: it ended, or was ended.</summary>
    public Task Ended { get; }

    /// <param name="onLine">Is told each line of its output, one after the other; false: it is ended.</param>
    /// <param name="onError">Is told what it writes beside, in parts of so many characters.</param>
    /// <returns>Null: it could not be started.</returns>
    public static LocalCommand? Start(AllowedCommand command, int maxLineBytes, int maxErrorCharacters, Func<ReadOnlyMemory<byte>, bool> onLine, Action<string> onError)
    {
        var start = new ProcessStartInfo(command.Run[0], command.Run.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            WorkingDirectory = command.Directory ?? "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) is { } process ? new(process, maxLineBytes, maxErrorCharacters, onLine, onError) : null;
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>False: it reads no more.</summary>
    public async Task<bool> Write(ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var input = _process.StandardInput.BaseStream;
            await input.WriteAsync(line, cancellation);
            await input.WriteAsync("\n"u8.ToArray(), cancellation);
            await input.FlushAsync(cancellation);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            End(); // half a line may have been written: what follows would be read with it
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>With all that it has started.</summary>
    public void Dispose() => End();

    private void End()
    {
        Kill();
        _over.Cancel();
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // It has ended already.
        }
    }

    // What it wrote last is read: its output ends with it, or else what it left behind holds it open.
    private async Task Leave()
    {
        try
        {
            await _process.WaitForExitAsync(_over.Token);
            await Task.Delay(OutboundLimits.CommandLastWords, _over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            return;
        }

        End();
    }

    private async Task Read()
    {
        try
        {
            var (output, buffer, held) = (_process.StandardOutput.BaseStream, new byte[Chunk], 0);
            while (await output.ReadAsync(buffer.AsMemory(held), _over.Token) is var read and > 0)
            {
                var (from, end) = (0, held + read);
                while (buffer.AsSpan(from, end - from).IndexOf((byte)'\n') is var at and >= 0)
                {
                    if (!_onLine(buffer.AsMemory(from, at).ToArray())) return;

                    from += at + 1;
                }

                held = end - from;
                if (held > _maxLineBytes) return;

                buffer.AsSpan(from, held).CopyTo(buffer);
                if (held == buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Min(2 * held, _maxLineBytes + Chunk));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended.
        }
        finally
        {
            Kill();
            await _process.WaitForExitAsync();
            await Task.WhenAny(_errors, Task.Delay(OutboundLimits.CommandLastWords, _over.Token));
            await _over.CancelAsync();

            // The process's own Dispose closes neither.
            await _process.StandardInput.BaseStream.DisposeAsync();
            await _process.StandardOutput.BaseStream.DisposeAsync();
            _process.Dispose();
        }
    }

    private async Task ReadErrors()
    {
        try
        {
            await using var errors = _process.StandardError.BaseStream;
            var (bytes, characters, line, decoder) = (new byte[Chunk], new char[Chunk + 4], new StringBuilder(), Encoding.UTF8.GetDecoder());
            while (await errors.ReadAsync(bytes, _over.Token) is var read and > 0)
            {
                foreach (var character in characters.AsSpan(0, decoder.GetChars(bytes, 0, read, characters, 0)))
                {
                    if (character != '\n')
                    {
                        line.Append(char.IsControl(character) ? ' ' : character);
                    }

                    if (line.Length > 0 && (character == '\n' || line.Length > _maxErrorCharacters))
                    {
                        var text = line.ToString();
                        var fits = Graphemes.Fit(text, _maxErrorCharacters);
                        _onError(text[..fits]);
                        line.Remove(0, fits);
                    }
                }

                if (read == Chunk)
                {
                    await Task.Delay(OutboundLimits.CommandErrorPause, _over.Token); // one that writes without end waits, not we
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // It has ended.
        }
    }
}
