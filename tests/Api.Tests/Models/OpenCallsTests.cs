using System.Collections.Concurrent;
using Agora.Application.Models;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Models;

/// <summary>A process tells sessions that its calls of models continue.</summary>
public sealed class OpenCallsTests
{
    private static readonly StreamId Hung = Tenant.Default.Session("hung"), Other = Tenant.Default.Session("other");

    [Fact]
    public async Task A_session_that_does_not_answer_delays_no_other_and_is_told_again_when_it_has_answered()
    {
        var time = new SimTimeProvider();
        var sessions = new Sessions();
        using var calls = new OpenCalls(sessions, new(sessions, time, alone: true), time, NullLogger<OpenCalls>.Instance);
        calls.Begin(Guid.NewGuid(), Hung);
        calls.Begin(Guid.NewGuid(), Other);
        await calls.StartedAsync(default);

        await TellUntil(() => sessions.Told(Other) == 3);
        Assert.Equal(1, sessions.Told(Hung));

        sessions.Release.SetResult();
        await TellUntil(() => sessions.Told(Hung) > 1);
        await calls.StopAsync(default);

        async Task TellUntil(Func<bool> isTold)
        {
            using var patience = new CancellationTokenSource(Hang.Timeout);
            while (!isTold())
            {
                if (time.NextDue is { } due)
                {
                    time.AdvanceTo(due);
                }

                await Task.Delay(1, patience.Token);
            }
        }
    }

    /// <summary>The hung one answers once <see cref="Release"/> is set.</summary>
    private sealed class Sessions : IEntities
    {
        private readonly ConcurrentDictionary<StreamId, int> _told = new();

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Told(StreamId session) => _told.GetValueOrDefault(session);

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, async (to, envelope, _) =>
            {
                _told.AddOrUpdate(to, 1, static (_, times) => times + 1);
                if (to == Hung)
                {
                    await Release.Task;
                }

                return envelope.Answered(Answer.Of(new CallsKnown(((RunCommand.CallsGoOn)envelope.Body).RunIds)));
            });
    }
}
