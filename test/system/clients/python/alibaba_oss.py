import time

import oss2
from oss2.models import LiveChannelInfo, LiveChannelInfoTarget
from show import client_of, ended, push, refused, report, segments, until

c = client_of('alibaba-oss')
bucket = oss2.Bucket(oss2.Auth(c['accessKeyId'], c['accessKeySecret']), c['endpoint'], c['bucket'])
v4 = oss2.Bucket(
    oss2.AuthV4(c['accessKeyId'], c['accessKeySecret']), c['endpoint'], c['bucket'], region=c['region'].removeprefix('oss-')
)
name = 'clients'


def code_of(call):
    try:
        call()
    except oss2.exceptions.OssError as error:
        return error.code
    return 'none'


target = LiveChannelInfoTarget(playlist_name='show.m3u8', frag_duration=2, frag_count=3)
made = bucket.create_live_channel(name, LiveChannelInfo(status='disabled', description='of the clients', target=target))
url = bucket.sign_rtmp_url(name, 'show.m3u8', 3600)
early = refused(url)
v4.put_live_channel_status(name, 'enabled')
info = v4.get_live_channel(name)

began = int(time.time())
encoder = push(url)
stat = until(lambda: (lambda s: s if s.status == 'Live' and s.video else None)(bucket.get_live_channel_stat(name)))
until(lambda: [o for o in bucket.list_objects(prefix=name).object_list if o.key.endswith('.ts')])
still_live = code_of(lambda: bucket.delete_live_channel(name))

bucket.put_live_channel_status(name, 'disabled')
end = ended(encoder)
until(lambda: bucket.get_live_channel_stat(name).status == 'Disabled')
history = bucket.get_live_channel_history(name).records
listed = [channel.name for channel in oss2.LiveChannelIterator(bucket, prefix='cli')]

span = (began - 30, int(time.time()) + 30)


def playlists():
    """Both of the same files: the last one is written a moment after the push has ended."""
    cut = v4.get_vod_playlist(name, *span).playlist
    bucket.post_vod_playlist(name, 'vod.m3u8', *span)
    vod = bucket.get_object(f'{name}/vod.m3u8').read().decode()
    return vod if (cut if isinstance(cut, str) else cut.decode()) == vod else None


vod = until(playlists)
empty = code_of(lambda: bucket.get_vod_playlist(name, began - 7200, began - 3600))

bucket.delete_live_channel(name)
report(
    urls=[made.publish_url.split('/')[-1], made.play_url.split('/')[-1]],
    early=early,
    status=info.status,
    description=info.description,
    target=[info.target.frag_duration, info.target.frag_count, info.target.playlist_name],
    video=[stat.video.width, stat.video.height],
    stillLive=still_live,
    encoder=end['reason'],
    history=len(history),
    listed=listed,
    segments=segments(f"{c['playbackBaseUrl']}/{name}/vod.m3u8", vod),
    empty=empty,
    refused=refused(url),
    gone=code_of(lambda: bucket.get_live_channel_stat(name)),
)
