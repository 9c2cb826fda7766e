using System.Collections.Concurrent;
using System.Reflection;
using Agora.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Silo.Tests;

/// <summary>What runs beside requests, in a host as the programs build it: its services start concurrently, and the connection to a cluster is one of them.</summary>
public sealed class BackgroundWorkTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Fact]
    public async Task Work_starts_when_every_hosted_service_has_started()
    {
        var connection = new Connection();
        using var host = Build(connection, new(_ => Task.CompletedTask));
        var work = host.Services.GetRequiredService<Loop>();
        var starting = host.StartAsync();
        await connection.Asked.Task.WaitAsync(Patience);
        Assert.Null(work.ExecuteTask);

        connection.Made.SetResult();
        await starting.WaitAsync(Patience);

        await work.Finished.Task.WaitAsync(Patience);
        await host.StopAsync();
    }

    [Fact]
    public async Task Work_that_fails_is_logged_and_starts_again_and_the_host_lives_on()
    {
        var log = new Lines();
        var connection = new Connection();
        connection.Made.SetResult();
        using var host = Build(connection, new(n => n switch
        {
            1 => throw new ArgumentException("Could not find an implementation for interface IClockGrain"),
            2 => Task.FromException(new OperationCanceledException("a call was given up")),
            _ => Task.CompletedTask,
        }), log);
        var work = host.Services.GetRequiredService<Loop>();

        await host.StartAsync();
        await work.Finished.Task.WaitAsync(Patience);

        Assert.Equal(3, work.Starts);
        Assert.Equal([typeof(ArgumentException), typeof(OperationCanceledException)], log.Failures.Select(failure => failure.GetType()));
        Assert.Equal([BackgroundWork.RestartAfter, BackgroundWork.RestartAfter], work.Delays);
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        await host.StopAsync();
    }

    [Fact]
    public async Task Work_that_is_under_way_ends_with_the_host_and_is_no_failure()
    {
        var log = new Lines();
        var connection = new Connection();
        connection.Made.SetResult();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = Build(connection, new((_, stopping) =>
        {
            begun.SetResult();
            return Task.Delay(Timeout.Infinite, stopping);
        }), log);

        await host.StartAsync();
        await begun.Task.WaitAsync(Patience);
        await host.StopAsync();

        Assert.Empty(log.Failures);
        Assert.True(host.Services.GetRequiredService<Loop>().ExecuteTask!.IsCompletedSuccessfully);
    }

    /// <summary>The client library's own service has no such base: it calls no grain, and what it reads may fail.</summary>
    [Fact]
    public void Every_background_service_of_the_programs_is_background_work()
    {
        var services = Directory.GetFiles(AppContext.BaseDirectory, "Agora.*.dll").Select(Assembly.LoadFrom).SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(BackgroundService)) && type.FullName != "Agora.Client.LostSilos").ToList();

        Assert.True(services.Count >= 10, $"{services.Count} services");
        Assert.Empty(services.Where(static type => !type.IsSubclassOf(typeof(BackgroundWork))).Select(static type => type.FullName));
    }

    private static IHost Build(Connection connection, Plan plan, Lines? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.Services.AddSingleton<ILogger<Loop>>(log ?? new Lines()).AddSingleton(plan).AddSingleton<Loop>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Loop>());
        builder.Services.AddHostedService(_ => connection);
        return builder.Build();
    }

    private sealed record Plan(Func<int, CancellationToken, Task> Do)
    {
        public Plan(Func<int, Task> act)
            : this((n, _) => act(n))
        {
        }
    }

    /// <summary>As the client of a cluster starts: it has started when it is connected.</summary>
    private sealed class Connection : IHostedService
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Asked.SetResult();
            return Made.Task;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Loop(Plan plan, ILogger<Loop> log) : BackgroundWork
    {
        private readonly Hurried _time = new();

        public int Starts { get; private set; }

        public IEnumerable<TimeSpan> Delays => _time.Delays;

        public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override TimeProvider Time => _time;

        protected override ILogger Log => log;

        protected override async Task Work(CancellationToken stoppingToken)
        {
            await plan.Do(++Starts, stoppingToken);
            Finished.TrySetResult();
        }
    }

    /// <summary>Whatever is waited for comes at once.</summary>
    private sealed class Hurried : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Delays { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Delays.Enqueue(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    private sealed class Lines : ILogger<Loop>
    {
        public ConcurrentQueue<Exception> Failures { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                Failures.Enqueue(exception!);
            }
        }
    }
}
